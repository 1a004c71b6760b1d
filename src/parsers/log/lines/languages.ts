/**
 * The C library speaks the user's language, and musl its own: `-bash: fork: 无法分配内存`, `fork: Out of memory`.
 * Its few sentences about memory are put into glibc's English, so that every recognizer knows them.
 */
const SENTENCES: readonly (readonly [english: string, words: readonly string[]])[] = [
  [
    'Cannot allocate memory',
    [
      'Nicht genügend Hauptspeicher verfügbar',
      'Kann keinen Speicher belegen',
      "Impossible d'allouer de la mémoire",
      'Impossible d’allouer de la mémoire',
      'Ne peut allouer de la mémoire',
      'No se pudo asignar memoria',
      'No se puede asignar memoria',
      'Impossibile allocare memoria',
      'Não foi possível alocar memória',
      'Невозможно выделить память',
      'Не удалось выделить память',
      '无法分配内存',
      '不能分配内存',
      '無法配置記憶體',
      'メモリを確保できません',
      '메모리를 할당할 수 없습니다',
      'Nie można przydzielić pamięci',
      'Nelze alokovat paměť',
      'Kan inte allokera minne',
      'Kan geen geheugen meer toewijzen',
      'Bellek ayrılamadı',
    ],
  ],
  [
    'Resource temporarily unavailable',
    [
      'Die Ressource ist zur Zeit nicht verfügbar',
      'Ressource temporairement non disponible',
      'Recurso no disponible temporalmente',
      'Risorsa temporaneamente non disponibile',
      'Recurso temporariamente indisponível',
      'Ресурс временно недоступен',
      '资源暂时不可用',
      '資源暫時無法取得',
      'リソースが一時的に利用できません',
      '자원이 일시적으로 사용 불가능함',
      'Zasoby chwilowo niedostępne',
      'Zdroj je dočasně nepřístupný',
      'Resursen tillfälligt otillgänglig',
    ],
  ],
  [
    'No space left on device',
    [
      'Auf dem Gerät ist kein Speicherplatz mehr verfügbar',
      'Aucun espace disponible sur le périphérique',
      'No queda espacio en el dispositivo',
      'Spazio esaurito sul device',
      'Não há espaço disponível no dispositivo',
      'На устройстве не осталось свободного места',
      '设备上没有空间',
      '設備上沒有空間',
      'デバイスに空き領域がありません',
      '장치에 남은 공간이 없음',
      'Brak miejsca na urządzeniu',
    ],
  ],
]

const ENGLISH = new Map(SENTENCES.flatMap(([english, words]) => words.map((word) => [word, english] as const)))
const ANY = new RegExp([...ENGLISH.keys()].join('|'), 'gu')
/** All but these have a letter that English lacks, which is quickly seen. */
const PLAIN = [...ENGLISH.keys()].filter((word) => !/[^\p{ASCII}]/u.test(word))
const HAS_FOREIGN = /[^\p{ASCII}]/u

/** musl's word for errno 12, where nothing but errno's text can stand. */
const MUSL =
  /(?<=\(12: |error='|\[Errno 12\] |\b(?:fork|vfork|mmap|malloc|spawn|clone|exec)(?:\(\)(?: failed)?| failed)?: )Out of memory\b/

/** The line with errno's text as glibc has it in English. */
export const inEnglish = (text: string): string => {
  const known = text.includes('Out of memory') ? text.replace(MUSL, 'Cannot allocate memory') : text
  if (!HAS_FOREIGN.test(known) && !PLAIN.some((word) => known.includes(word))) return known
  return known.replace(ANY, (word) => ENGLISH.get(word) ?? word)
}

/** glibc's word for SIGKILL, as a shell prints it about a child. */
export const KILLED_WORDS: readonly string[] = [
  'Killed',
  'Getötet',
  'Processus arrêté',
  'Tué',
  'Terminado (killed)',
  'Matado',
  'Ucciso',
  'Morto',
  'Убито',
  'Уничтожено',
  '已杀死',
  '砍掉',
  '強制終了',
  '죽었음',
  'Unicestwiony',
  'Zabito',
  'Zabitý',
  'Zabit',
  'Dödad',
  'Geëindigd',
]
