/** The container a block of `docker inspect`, `kubectl describe` or pod status is about. */
export interface About {
  readonly id: string | null
  readonly name: string | null
  /** `kubectl describe` heads a container's block with its name. */
  readonly heading: string | null
}

/** A pod's status in YAML has keys where `describe` has the container's name. */
const HEADING =
  /^\s{0,20}(?!(?:terminated|running|waiting|state|status|spec|limits|requests|resources|containers|conditions):)([a-z0-9][a-z0-9-]{0,62}):\s{0,4}$/

/** `name: api`, which stands below the states of the container in YAML and JSON. */
export const nameBelow = (text: string): string | null =>
  /^\s{0,60}"?name"?: "?([a-z0-9][a-z0-9-]{0,62})"?,?\s{0,4}$/.exec(text)?.[1] ?? null

export const aboutAfter = (text: string, about: About): About => {
  if (text.includes('"Id": "')) {
    const id = /^\s{0,16}"Id": "([0-9a-f]{64})"/.exec(text)?.[1]
    return id === undefined ? about : { id, name: null, heading: null }
  }
  if (text.includes('ontainer ID:') || text.includes('ontainerID')) {
    const id = /\b[cC]ontainer ?ID"?:\s{0,40}"?[a-z-]{2,20}:\/\/([0-9a-f]{12,64})/.exec(text)?.[1]
    return id === undefined ? about : { id, name: about.heading ?? about.name, heading: null }
  }
  if (text.includes('"Name": "/')) {
    const name = /^\s{0,16}"Name": "\/([\w.-]{1,200})"/.exec(text)?.[1]
    return name === undefined ? about : { ...about, name }
  }
  const heading = text.length < 100 ? (HEADING.exec(text)?.[1] ?? null) : null
  return heading === about.heading ? about : { ...about, heading }
}
