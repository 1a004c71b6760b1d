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
        base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
        ...insideBase64(part),
      ]) {
        // A secret that is a part of the mask would be masked again in each mask.
        if (!'[redacted:known]'.includes(form)) forms.add(form)
      }
    }
  }
  return [...forms].toSorted((one, other) => other.length - one.length)
}

/** What stays the same when a secret is encoded behind one or two other bytes, as in `user:secret`. */
const insideBase64 = (text: string): readonly string[] => {
  const length = new TextEncoder().encode(text).length
  return [0, 1, 2].flatMap((offset) => {
    const encoded = toBase64(`${'\0'.repeat(offset)}${text}`).replace(/=+$/, '')
    const from = offset === 0 ? 0 : offset + 1
    const form = encoded.slice(from, (length + offset) % 3 === 0 ? undefined : -1)
    return form.length < 8 ? [] : [form]
  })
}

const toBase64 = (text: string): string => btoa(String.fromCodePoint(...new TextEncoder().encode(text)))
