/** Names that say a secret follows. Case is spelled out, so that `passenger` and `tokenizer` are told from `dbPass`. */
const PASS = '[Pp]ass(?:[Ww](?:or)?d|[Pp]hrase|[Cc]ode)?s?(?![a-z])|PASS(?:W(?:OR)?D|PHRASE|CODE)?S?(?![A-Z])'
const PWD = '[Pp]w[Dd](?![a-z])|PWD(?![A-Z])|(?<![A-Za-z])[Pp]w(?=["\' ]?[:=])'
const SECRET = '[Ss]ecrets?(?![a-z])|SECRETS?(?![A-Z])|[Ss]ecret(?=key|id|access|text|string|value)'
const TOKEN = '[Tt]okens?(?![a-z])|TOKENS?(?![A-Z])'
const CREDENTIAL = '[Cc]redentials?(?![a-z])|CREDENTIALS?(?![A-Z])|(?<![A-Za-z])[Cc]reds?(?![a-z])'
const KEY =
  '(?<=[_.-]|[Aa]pi|[Aa]ccess|[Ss]ecret|[Aa]ccount|[Pp]rivate|[Aa]uth|[Ee]ncryption|[Mm]aster|[Ss]igning|[Ss]hared|[Ll]icense|[Ss]torage|[Ss]ession)[Kk]eys?(?![a-z])' +
  '|(?<=[a-z0-9])Keys?(?![a-z])|(?<=[_A-Z0-9-])KEYS?(?![A-Z])|(?<![A-Za-z0-9])(?:[Kk]ey|KEY)(?![A-Za-z])'
const OTHER =
  '(?<=[_A-Z])AUTH(?![A-Z])|(?<![A-Za-z])_auth(?![a-z])|[Ss]ess(?:ion)?[_-]?[Ii][Dd](?![a-z])|(?<![A-Za-z])(?:[Cc]srf|[Xx]srf|CSRF|XSRF)(?![a-z])' +
  '|(?<![A-Za-z])(?:[Ss]ignature|[Oo]tp|OTP|[Ss]alt|SALT|[Bb]earer)(?![a-z])'

/** Source of the pattern for one secret name, to be followed by the rest of the word. */
export const SECRET_NAME = `(?:${PASS}|${PWD}|${SECRET}|${TOKEN}|${CREDENTIAL}|${KEY}|${OTHER})`

/** Words that end in a secret's name and are none. */
const INNOCENT_WORD =
  /(?:by|com|tres|sur|over|under)pass$|(?:mon|tur|don|hoc|joc|whis)key$|^(?:Load|Import|Pass)Credential/i
/** Names that describe a secret without being it. */
const DESCRIBES =
  /[_.-](?:types?|count|len|length|size|limit|age|ttl|expir\w{0,10}|exp|name|policy|min|max|url|uri|algorithm|usage|total|bytes|rate|bucket|version|format|stdin|authentication|enabled|required|rotation|status)$|(?:Type|Count|Length|Size|Limit|Age|Name|Policy|Url|Usage|Total|Authentication)$/
const PATH_NAME = /(?:file|path|dir|directory|location|store)$/i
/** `token-refresh.service: Main process exited` names a unit, or a program. */
const FILE_NAME =
  /\.(?:service|path|timer|socket|mount|slice|scope|target|automount|swap|device|conf|log|js|ts|py|php|go|rb)$/
/** Keys of data, not of doors: masked only when the value looks random. */
const DATA_KEY =
  /^keys?$|(?:public|primary|foreign|cache|sort|partition|routing|row|object|lookup|unique|index|idempotency|shard|group|host)[_.-]?keys?$/i
const PLACEHOLDER =
  /^(?:null|nil|none|true|false|yes|no|on|off|undefined|\(null\)|-|\*{2,}|x{3,}|<(?:hidden|redacted|masked|none|nil|null|unset|empty|set)>|\$\{?[A-Z][A-Z_]{2,60}\}?|%[sdv]|\{\{.{0,60})$/i
const PATH = /^(?:\/(?:etc|var|home|usr|opt|root|run|srv|tmp|proc|sys|data|mnt|app|dev|lib|snap)\/|\.{1,2}\/|~\/)/
const NUMBER = /^[0-9][0-9.,]*[kKMGT]?i?B?$/

const looksRandom = (value: string): boolean =>
  value.length >= 16 && /\d/.test(value) && /[A-Za-z]/.test(value) && !/[: ]/.test(value) && !PATH.test(value)

/** Whether `name: value` says nothing secret; a doubt is decided for masking. */
export const isHarmless = (name: string, value: string): boolean => {
  if (value === '' || value.startsWith('[redacted:') || PLACEHOLDER.test(value)) return true
  if (INNOCENT_WORD.test(name)) return true
  if (PATH.test(value) && (PATH_NAME.test(name) || /\.\w{1,8}$/.test(value))) return true
  if (DESCRIBES.test(name) || DATA_KEY.test(name)) return !looksRandom(value)
  if (/^pass(?:es)?$/i.test(name) && /^\d{1,3}%?$/.test(value)) return true
  if (/(?:tokens|keys|passes|secrets)$/i.test(name) && NUMBER.test(value)) return true
  return /keys?$/i.test(name) && NUMBER.test(value) && value.length < 6
}

/** Whether this is the name of a file, a unit or a program, as in `/srv/token.js: not found`. */
export const isFileName = (name: string, before: string): boolean => FILE_NAME.test(name) || before.endsWith('/')
