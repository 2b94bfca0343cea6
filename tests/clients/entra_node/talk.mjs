// What a script is told comes in as JSON, what it found goes out as JSON.
import { readFileSync } from 'node:fs'

export const told = JSON.parse(readFileSync(0, 'utf8'))

/** Print what came of it, or how the library complained. */
export async function tell(story) {
  let said
  try {
    said = { value: await story() }
  } catch (error) {
    said = { error: complaint(error) }
  }
  process.stdout.write(JSON.stringify(said))
}

/** How the library complained. */
export function complaint(error) {
  const { name, message, errorCode, errorNo, subError, claims, status, statusCode, errorResponse } = error
  return { name, message, code: errorCode, number: errorNo, suberror: subError, claims, status: status ?? statusCode, said: errorResponse }
}
