import { join } from 'node:path'
import { systemClock } from '../../../src/kernel/time/clock.ts'
import { createFileStore } from '../../../src/sink/dead-letters/file/store.ts'
import { createFileTarget } from '../../../src/sink/dead-letters/file/target.ts'
import { testContract } from '../../support/dead-letter-contract.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

testContract('files', async (t) => {
  const folder = join(temporaryFolder(t), 'letters')
  const target = createFileTarget(
    { folder, maxFileBytes: 100_000, maxFileAge: 60_000, maxBytes: 1e9, writer: 'pod-1' },
    systemClock,
  )
  t.after(() => target.close())
  return {
    target,
    async open() {
      const store = createFileStore({ folder, writer: 'cli' }, systemClock)
      t.after(() => store.close())
      return store
    },
  }
})
