import { byNeedle } from '../needles.ts'

/**
 * PostgreSQL's log in the language of the server, from its message catalogues. Its few sentences about memory and about
 * a child that ended by a signal are put into English:
 *   LOG:  Serverprozess (PID 28831) wurde von Signal 9 beendet: Getötet
 *   ОШИБКА:  нехватка памяти
 *   DETALLE:  Falló una petición de tamaño 268435456 en el contexto de memoria «ExecutorState».
 */
type Translation = readonly [needle: string, words: RegExp, english: string]

/** With the blanks behind it that only PostgreSQL sets. */
const LEVEL = String.raw`(?:ERROR|FATAL|PANIC|FEHLER|PANIK|ERREUR|ERRORE|ERRO|ОШИБКА|ВАЖНО|ПАНИКА|ПОМИЛКА|ФАТАЛЬНО|FEL|BŁĄD|HATA|错误|致命错误|錯誤|嚴重錯誤|오류|치명적오류|エラー|致命的エラー)[:：] {1,2}`

const OUT_OF_MEMORY: readonly string[] = [
  'Speicher aufgebraucht',
  'memoria agotada',
  'mémoire épuisée',
  'memoria esaurita',
  'メモリ不足です',
  '메모리 부족',
  'нехватка памяти',
  'slut på minne',
  "недостатньо пам'яті",
  '内存不足',
  '内存用尽',
  '記憶體不足',
  'memória esgotada',
  'brak pamięci',
  'yetersiz bellek',
]

const REQUEST: readonly (readonly [needle: string, words: string])[] = [
  ['Anfrage mit Größe', 'Fehler bei Anfrage mit Größe'],
  ['una petición de tamaño', 'Falló una petición de tamaño'],
  ['une requête de taille', "Échec d[’']une requête de taille"],
  ['la richiesta di dimensione', 'Errore durante la richiesta di dimensione'],
  ['запросе блока размером', 'Ошибка при запросе блока размером'],
  ['förfrågan av storlek', 'Misslyckades med förfrågan av storlek'],
  ['в запиті розміру', 'Помилка в запиті розміру'],
  ['inneskontext', 'Misslyckades med förfrågan av storlek'],
  ['a requisição de tamanho', 'Falhou na requisição de tamanho'],
]

const signal = (needle: string, words: string): Translation => [
  needle,
  new RegExp(String.raw`\S[^:]{0,60}[(（]PID (\d{1,10})[)）] ?${words}`, 'u'),
  'server process (PID $1) was terminated by signal $2: $3',
]

/** The system's word for the signal, in its own language; PostgreSQL's English has glibc's. */
const NAME = String.raw` ?: (?:.{1,60})$`

const SIGNALS: readonly Translation[] = [
  signal('wurde von Signal ', String.raw`wurde von Signal (\d{1,2}) beendet${NAME}`),
  signal(' terminado por una señal ', String.raw`fue terminado por una señal (\d{1,2})${NAME}`),
  signal('par le signal ', String.raw`a été arrêté par le signal (\d{1,2})${NAME}`),
  signal(' terminato dal segnale ', String.raw`è stato terminato dal segnale (\d{1,2})${NAME}`),
  signal('で終了しました', String.raw`はシグナル(\d{1,2})で終了しました${NAME}`),
  signal('번 시그널을 받아', String.raw`프로세스가 (\d{1,2})번 시그널을 받아 종료됨${NAME}`),
  signal(' по сигналу ', String.raw`был завершён по сигналу (\d{1,2})${NAME}`),
  signal('minerades av signal ', String.raw`terminerades av signal (\d{1,2})${NAME}`),
  signal(' перерваний сигналом ', String.raw`був перерваний сигналом (\d{1,2})${NAME}`),
  signal('被信号 ', String.raw`被信号 (\d{1,2}) (?:终止|中断)${NAME}`),
  signal('由訊號 ', String.raw`由訊號 (\d{1,2}) 結束${NAME}`),
  signal(' terminado pelo sinal ', String.raw`foi terminado pelo sinal (\d{1,2})${NAME}`),
]

const TRANSLATIONS: readonly Translation[] = [
  ...OUT_OF_MEMORY.map((words): Translation => [
    words,
    new RegExp(String.raw`(?<=^|[\s\]])${LEVEL}${words}\s{0,4}$`, 'u'),
    'ERROR:  out of memory',
  ]),
  ...REQUEST.map(([needle, words]): Translation => [
    needle,
    new RegExp(String.raw`\p{Lu}[\p{L}É]{3,16}[:：] {1,2}${words} (\d{1,20})\b`, 'u'),
    'DETAIL:  Failed on request of size $1',
  ]),
  // The size stands behind the context.
  [
    'サイズ',
    /(?:DETAIL|詳細): {1,2}メモリコンテクスト.{1,80}でサイズ(\d{1,20})の要求が失敗しました/u,
    'DETAIL:  Failed on request of size $1',
  ],
  [
    '请求分配大小为',
    /\p{L}{2,10}[:：] {1,2}在内存上下文.{1,80}中请求分配大小为 ?(\d{1,20}) ?的内存时失败/u,
    'DETAIL:  Failed on request of size $1',
  ],
  ...SIGNALS,
]

const translations = byNeedle(TRANSLATIONS, ([needle]) => needle)

const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  '6': 'Aborted',
  '9': 'Killed',
  '11': 'Segmentation fault',
  '15': 'Terminated',
}

/** The line as PostgreSQL prints it in English, or as it was. */
export const postgresInEnglish = (text: string): string => {
  for (const [, words, english] of translations(text)) {
    const match = words.exec(text)
    if (match === null) continue
    const said = english
      .replace('$1', match[1] ?? '')
      .replace('$2', match[2] ?? '')
      .replace('$3', SIGNAL_NAMES[match[2] ?? ''] ?? '')
    return `${text.slice(0, match.index)}${said}${text.slice(match.index + match[0].length)}`
  }
  return text
}
