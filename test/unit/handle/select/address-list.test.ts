import assert from 'node:assert/strict'
import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createAddressLists } from '../../../../src/handle/select/address-list.ts'
import { type Log, silentLog } from '../../../../src/kernel/log.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

function createLists(t: TestContext) {
  const events: string[] = []
  const note = ({ event }: { event: string }) => void events.push(event)
  const log: Log = { ...silentLog, info: note, error: note }
  const lists = createAddressLists(log)
  t.after(() => lists.close())
  return { lists, events }
}

test('one address per line; remarks, names, comments and empty lines are ignored', async (t) => {
  const path = join(temporaryFolder(t), 'list.txt')
  await writeFile(path, '# watched\n\nAAA\nBBB,Binance hot 1\r\n  CCC\tremark\nDDD; x\n')
  const list = await createLists(t).lists.open(path)
  const found = ['AAA', 'BBB', 'CCC', 'DDD', '#', 'Binance', ''].filter((one) => list.has(one))
  assert.deepEqual(found, ['AAA', 'BBB', 'CCC', 'DDD'])
})

test('a change is loaded once the file is seen unchanged twice, so half a file is not', async (t) => {
  const path = join(temporaryFolder(t), 'list.txt')
  await writeFile(path, 'AAA\n')
  const { lists, events } = createLists(t)
  const list = await lists.open(path)
  await writeFile(path, 'AA')
  await lists.check()
  await writeFile(path, 'AAA\nBBB\n')
  await lists.check()
  assert.deepEqual([list.has('AA'), list.has('AAA'), list.has('BBB')], [false, true, false])
  await lists.check()
  assert.deepEqual([list.has('AA'), list.has('AAA'), list.has('BBB')], [false, true, true])
  assert.deepEqual(events, ['addresses.reloaded'])
})

test('a new folder that a ConfigMap links to is noticed', async (t) => {
  const folder = temporaryFolder(t)
  for (const [version, text] of [
    ['..v1', 'AAA\n'],
    ['..v2', 'BBB\n'],
  ] as const) {
    await mkdir(join(folder, version))
    await writeFile(join(folder, version, 'list.txt'), text)
  }
  await symlink('..v1', join(folder, '..data'))
  await symlink('..data/list.txt', join(folder, 'list.txt'))
  const { lists } = createLists(t)
  const list = await lists.open(join(folder, 'list.txt'))
  assert.equal(list.has('AAA'), true)
  await symlink('..v2', join(folder, '..data_new'))
  await rename(join(folder, '..data_new'), join(folder, '..data'))
  await lists.check()
  await lists.check()
  assert.deepEqual([list.has('AAA'), list.has('BBB')], [false, true])
})

test('a missing or empty file leaves the old list in place and is logged once', async (t) => {
  const path = join(temporaryFolder(t), 'list.txt')
  await writeFile(path, 'AAA\n')
  const { lists, events } = createLists(t)
  const list = await lists.open(path)
  await rm(path)
  await lists.check()
  await lists.check()
  assert.deepEqual([list.has('AAA'), events], [true, ['addresses.not-reloaded']])
  await writeFile(path, 'BBB\n')
  await lists.check()
  await lists.check()
  await writeFile(path, '# nobody\n')
  await lists.check()
  await lists.check()
  assert.deepEqual(
    [list.has('BBB'), events],
    [true, ['addresses.not-reloaded', 'addresses.reloaded', 'addresses.not-reloaded']],
  )
})

test('at startup, a missing or empty list is an error with the remedy', async (t) => {
  const folder = temporaryFolder(t)
  const { lists } = createLists(t)
  await assert.rejects(lists.open(join(folder, 'none.txt')), /none\.txt cannot be read.*Mount it/)
  await writeFile(join(folder, 'empty.txt'), '\n')
  await assert.rejects(lists.open(join(folder, 'empty.txt')), /contains no address/)
})

test('thousands of addresses are found as fast as one', async (t) => {
  const path = join(temporaryFolder(t), 'list.txt')
  const addresses = Array.from({ length: 50_000 }, (_, index) => `Addr${index}`)
  await writeFile(path, addresses.join('\n'))
  const list = await createLists(t).lists.open(path)
  assert.equal(addresses.filter((address) => list.has(address)).length, 50_000)
})
