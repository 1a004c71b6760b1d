import type { Sighting } from './sighting.ts'

/** What docker and compose say of a container that ended with 128 + 9. */
export const DOCKER_SIGHTINGS: readonly Sighting[] = [
  {
    needle: 'exited with code 137',
    reporter: 'docker',
    pattern: /(?:^|\s)[\w.-]{1,128} exited with code 137\b/,
    seenAs: 'status',
  },
  // A row of `docker ps -a`, and of the older `docker-compose ps`.
  {
    needle: 'Exited (137) ',
    reporter: 'docker',
    pattern: /^\S{1,128} {2,}\S.{0,400} {2,}Exited \(137\) .{1,30} ago\b/,
    seenAs: 'status',
  },
  {
    needle: 'Exit 137',
    reporter: 'docker',
    pattern: /^[\w.-]{1,128} {2,}\S.{0,400} {2,}Exit 137\s{0,200}$/,
    seenAs: 'status',
  },
  {
    needle: 'exitCode=137',
    reporter: 'docker',
    pattern: /container die [0-9a-f]{12,64} \(.{0,2000}exitCode=137\b/,
    seenAs: 'status',
  },
]
