import { nobodyKilled, readKernelKills, unitTruth } from './observe.ts'
import type { Scenario } from './scenario.ts'

const LEFT_BEHIND = 12
/** A login's sshd (two), and the two processes that Medic asks it for; not one more. */
const ONE_LOGIN = 4

/** A login still succeeds, and then nothing can be started in it: the limit is that of the user's slice. */
export const loginCannotFork: Scenario = {
  id: 'login-cannot-fork',
  title: `the slice of user ops is at its TasksMax: ops can log in and start nothing; root is not concerned`,
  run: async (guest) => {
    await guest.execAs('ops', `for n in $(seq ${LEFT_BEHIND}); do nohup sleep 86400 >/dev/null 2>&1 & done`)
    const slice = `user-${await guest.run('id -u ops')}.slice`
    const cgroup = `/sys/fs/cgroup/user.slice/${slice}`
    await guest.until('only what was left behind runs', 60_000, async () => {
      const { stdout } = await guest.exec(`ps -u ops -o comm=`)
      return stdout.includes('sshd') ? undefined : true
    })
    const limit = Number(await guest.run(`cat ${cgroup}/pids.current`)) + ONE_LOGIN
    await guest.run(`systemctl set-property --runtime ${slice} TasksMax=${limit}`)
    return {
      ...(await unitTruth(guest, 'ssh.service')),
      ...nobodyKilled,
      summary: `${slice} may have ${limit} tasks; a login has no room to start anything`,
      facts: {
        slice,
        tasksMax: Number(await guest.run(`cat ${cgroup}/pids.max`)),
        kernelKills: (await readKernelKills(guest)).length,
      },
    }
  },
}
