// What a script is told comes in as JSON, what it found goes out as JSON.
import { webcrypto } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { importPKCS8 } from 'jose'

// Node 18 has these, and not under these names.
globalThis.crypto ??= webcrypto
globalThis.CryptoKey ??= webcrypto.CryptoKey

export const told = JSON.parse(readFileSync(0, 'utf8'))

/** Print what came of it, or how the library complained. */
export async function tell(story) {
  let said
  try {
    said = { value: await story() }
  } catch (error) {
    said = { error: await complaint(error) }
  }
  process.stdout.write(JSON.stringify(said))
}

/** The way to prove who asks, by the names that both libraries give it. */
export async function proof(library) {
  switch (told.method) {
    case 'none':
      return library.None()
    case 'client_secret_basic':
      return library.ClientSecretBasic(told.secret)
    case 'client_secret_post':
      return library.ClientSecretPost(told.secret)
    case 'client_secret_jwt':
      return library.ClientSecretJwt(told.secret)
    case 'private_key_jwt':
      return library.PrivateKeyJwt({ key: await importPKCS8(told.key, 'RS256'), kid: told.kid })
  }
}

/** How the library complained. */
export async function complaint(error) {
  const response = error.response ?? error.cause?.response
  const body = response && !response.bodyUsed ? await response.json() : undefined
  const { name, code, message, status, error: word, error_description: text } = error
  return { name, code, message, status, error: word, text, body, challenges: challenges(error) }
}

function challenges(error) {
  return Array.isArray(error.cause) ? error.cause.map(({ scheme }) => scheme) : undefined
}
