/** What runtimes print of an id: all 64 digits, or the first 12 or 13 of them. */
const ID = /^[0-9a-f]{12,64}$/
const SHORT_ID_LENGTH = 12

/** Whether two words for a container mean the same one: equal names, or an id and its beginning. */
export const isSameContainer = (one: string, other: string): boolean =>
  one === other || (ID.test(one) && ID.test(other) && (one.startsWith(other) || other.startsWith(one)))

/** Words that mean the same container have the same key; words that mean two may share it. */
export const containerKey = (container: string): string =>
  ID.test(container) ? container.slice(0, SHORT_ID_LENGTH) : container
