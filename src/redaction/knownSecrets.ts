/** Shorter texts are not secrets but words. */
const SHORTEST = 6

/**
 * Every form in which exact secrets may appear: as they are, in URLs, in JSON strings, in base64, line by line.
 * Longest first, so that a part never spoils the whole.
 */
export const formsOf = (secrets: readonly string[]): readonly string[] => {
  const forms = new Set<string>()
  for (const secret of secrets) {
    for (const part of [secret, ...secret.split('\n')].map((text) => text.trim())) {
      if (part.length < SHORTEST) continue
      const base64 = toBase64(part)
      for (const form of [
        part,
        encodeURIComponent(part),
        JSON.stringify(part).slice(1, -1),
        base64,
        base64.replace(/=+$/, ''),
      ]) {
        forms.add(form)
      }
    }
  }
  return [...forms].toSorted((one, other) => other.length - one.length)
}

const toBase64 = (text: string): string => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
