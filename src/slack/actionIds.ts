/** Names of buttons, modals and shortcuts: written by the builders, heard by the listeners. */
export const ACTION = {
  cancel: 'run_cancel',
  again: 'run_again',
  raw: 'run_raw',
  editPostmortem: 'postmortem_edit',
  regeneratePostmortem: 'postmortem_regenerate',
  downloadPostmortem: 'postmortem_download',
  publishPostmortem: 'postmortem_publish',
  approve: 'change_approve',
  deny: 'change_deny',
  homeHost: 'home_host',
  homeRefresh: 'home_refresh',
} as const

export const VIEW = {
  postmortem: 'postmortem_edit',
  chooseHost: 'choose_host',
} as const

export const SHORTCUT = {
  triage: 'triage_from_message',
  explain: 'explain_log',
} as const

/** Buttons of a digest: ids are unique within a row of buttons, so each has a number. */
export const DIGEST_BUTTONS = 5
export const digestTriage = (index: number): string => `digest_triage_${index}`
