/**
 * The shell writes where the child's progress stopped, so its word ends an unfinished line:
 * `Solving environment: / Killed`, ` 33%|███▎ | 1/3 [00:20<00:41, 20.9s/it]Killed`.
 */
const UNFINISHED = [
  // conda's steps turn a stick.
  String.raw`^(?:Solving environment|Collecting package metadata|Fetching package metadata|Solving package specifications|(?:Preparing|Verifying|Executing) transaction|Retrieving notices)\b.{0,2000}[\\|/.-]`,
  // tqdm, with what it was told to add; pip, wget, git and ffmpeg tell how fast.
  String.raw`[\d?] ?(?:[A-Za-z]{1,16}/s|s/[A-Za-z]{1,16})(?:, [^\]]{0,400})?\]`,
  String.raw`[kKMG]i?B/s(?: {1,4}eta [\d:?-]{1,12})?`,
  String.raw`\bspeed= {0,4}[\d.]{1,12}x`,
  // Keras, then whatever counts to a hundred.
  String.raw`\] {1,4}- ETA: [\d:]{1,10}s?(?: - \w{1,40}: [\d.e+-]{1,20}){0,12}`,
  String.raw`(?:\.\.\.|\bobjects:|\bdeltas:|[=>#. -]\]) {0,4}\d{1,3}%(?: \(\d{1,12}/\d{1,12}\))?,?`,
  String.raw`^(?:[A-Z][a-z]{2,20}ing\b[^.]{0,120}| {0,4}\w{1,40}: [a-z]{3,20}ing\b.{0,300}) ?\.\.\.`,
].join('|')

/** The word of a shell behind an unfinished line of progress. */
export const onProgress = (word: string): RegExp => new RegExp(String.raw`(?:${UNFINISHED})\s{0,12}${word}\s{0,4}$`)

/** Or it covers the beginning of one: `Killed 86.85%  4.056 MiB/s  1.936 GiB / 2.229 GiB`. */
export const OVER_PROGRESS = /^Killed {1,12}\d{1,3}(?:\.\d{1,3})?% {0,4}[\d|[]/
