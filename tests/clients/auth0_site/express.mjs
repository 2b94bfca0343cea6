// express-openid-connect, as its README says.
import express from 'express'
import oidc from 'express-openid-connect'
import { serve, told, wrong } from './serve.mjs'

const app = express()
app.use(oidc.auth({ secret: 's'.repeat(32), authRequired: false, ...told.options, baseURL: told.url }))
app.get('/', (ask, answer) => {
  const { idTokenClaims, user, idToken, refreshToken, accessToken } = ask.oidc
  answer.json({
    in: ask.oidc.isAuthenticated(), claims: idTokenClaims, user, idToken, refreshToken, accessToken,
  })
})
app.get('/person', async (ask, answer) => answer.json(await ask.oidc.fetchUserInfo()))
app.get('/refresh', async (ask, answer) => answer.json(await ask.oidc.accessToken.refresh()))
app.use((error, ask, answer, next) => answer.status(error.status ?? 500).json(wrong(error)))
serve(app)
