// nextjs-auth0 on the server, in the few lines that Next.js would have around it.
import { Auth0Client } from '@auth0/nextjs-auth0/server'
import { NextRequest, NextResponse } from 'next/server.js'
import { serve, told, wrong } from './serve.mjs'

const auth0 = new Auth0Client({
  secret: 's'.repeat(64),
  ...told.options,
  appBaseUrl: told.url,
  onCallback: async (error) =>
    error ? NextResponse.json(wrong(error), { status: 400 }) : NextResponse.redirect(`${told.url}/`),
})

const ROUTES = {
  '/': async (ask) => NextResponse.json({ session: await auth0.getSession(ask) }),
  '/refresh': async (ask) => {
    const kept = new NextResponse()
    const given = await auth0.getAccessToken(ask, kept, { refresh: true })
    const answer = NextResponse.json(given)
    kept.headers.getSetCookie().forEach((cookie) => answer.headers.append('set-cookie', cookie))
    return answer
  },
}

async function answered(ask) {
  const path = ask.nextUrl.pathname
  try {
    return path.startsWith('/auth/') ? await auth0.middleware(ask) : await ROUTES[path](ask)
  } catch (error) {
    return NextResponse.json(wrong(error), { status: 500 })
  }
}

serve(async (incoming, outgoing) => {
  const { method, url, headers } = incoming
  const ask = new NextRequest(new URL(url, told.url), { method, headers })
  const answer = await answered(ask)
  const cookies = answer.headers.getSetCookie()
  const rest = Object.fromEntries([...answer.headers].filter(([name]) => name !== 'set-cookie'))
  outgoing.writeHead(answer.status, cookies.length ? { ...rest, 'set-cookie': cookies } : rest)
  outgoing.end(Buffer.from(await answer.arrayBuffer()))
})
