// The tap in a browser: records of the real service, through a filter, for who has a token.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { until, useKafka } from '../../harness.ts'
import { withIdleHandler } from '../administered.ts'
import { plainEnvironment, runCommand, startService } from '../process.ts'
import { accessibility, useBrowser } from './browser.ts'

const embedded = useKafka()
const { open } = useBrowser()
const TOKEN = 'a-token-that-only-reads'

/** One transfer, as the stream of Solana writes it. @param amount in the smallest unit */
function transfer(id: string, symbol: string, amount: string): string {
  const Currency = {
    Native: symbol === 'SOL',
    Symbol: symbol,
    Decimals: 9,
    MintAddress: symbol === 'SOL' ? '1'.repeat(32) : 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  }
  return JSON.stringify([
    {
      Block: { Slot: 1, Timestamp: 1_700_000_000 },
      Transaction: { Signature: id, FeePayer: 'payer', Signer: 'payer', Status: { Success: true } },
      Transfer: {
        ...{ InstructionIndex: 0, Amount: amount, Currency },
        ...{ Sender: { Address: 'sender' }, Receiver: { Address: 'receiver' } },
        Authority: { Address: 'sender' },
      },
    },
  ])
}

test('in a browser: a token, a filter, the records that pass, and nothing when it is closed', async (t) => {
  const topic = 'tapped'
  await embedded.createTopic(topic)
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'token'), TOKEN)
  const env = {
    ...plainEnvironment(t, embedded.kafka, topic),
    OCC_ADMIN_READ_TOKEN_FILE: join(folder, 'token'),
  }
  const service = startService(t, env, await withIdleHandler(t, 'whale'))
  await service.ready()
  const { page, complaints, foreign } = await open(t, `${await service.url()}/`)
  const tap = page.locator('#tap')
  const button = tap.getByRole('button', { name: 'Open the tap' })

  await tap.getByLabel('Asset').fill('BONK, SOL')
  await tap.getByLabel('Amount from').fill('2')
  await button.click()
  await page.locator('dialog input[name=token]').fill(TOKEN)
  await page.keyboard.press('Enter')
  await tap.getByRole('status').filter({ hasText: 'Open for 5 minutes' }).waitFor()
  await embedded.produce(topic, [
    transfer('small', 'SOL', '1000000000'),
    transfer('foreign', 'WIF', '9000000000'),
    transfer('large', 'SOL', '2500000000'),
    transfer('too-soon', 'SOL', '3000000000'),
  ])
  const record = tap.locator('.records > ol > li')
  await record.first().waitFor()
  await service.recorded(4)
  const [shown, ...more] = await record.allInnerTexts()
  assert.match(
    shown ?? '',
    /tapped\/0@2 .* to whale\s+transfer {2}solana {2}2\.5 SOL {2}sender → receiver/,
  )
  assert.deepEqual(more, [])
  assert.deepEqual([await accessibility(page), complaints, foreign], [[], [], []])

  const url = await service.url()
  const filter = '{"assets":["WIF"]}'
  const command = runCommand([
    ...['tap', '--url', url, '--token-file', join(folder, 'token'), '--count', '1'],
    ...['--filter', filter],
  ])
  const tapped = () => service.lines.filter(({ event }) => event === 'admin.tapped').length
  await until(async () => tapped() === 2, 'the command to look')
  await embedded.produce(topic, [
    transfer('again', 'SOL', '1000000000'),
    transfer('found', 'WIF', '4000000000'),
  ])
  const { code, stdout, stderr } = await command
  assert.deepEqual([code, stderr, JSON.parse(stdout).offset], [0, '', 5])

  await tap.getByRole('button', { name: 'Close the tap' }).click()
  await tap.getByRole('status').filter({ hasText: 'Closed.' }).waitFor()
  await tap.getByLabel('Handler').fill('minnow')
  await button.click()
  await tap.locator('.problem', { hasText: 'there is no handler minnow' }).waitFor()

  await tap.getByLabel('Handler').fill('whale')
  await button.click()
  await tap.getByRole('status').filter({ hasText: 'Open for' }).waitFor()
  await service.end()
  await tap.getByRole('status').filter({ hasText: 'Closed: the service stops' }).waitFor()
  assert.ok(!JSON.stringify(service.lines).includes(TOKEN))
})

test('without a token there is no tap, and with worker threads it says why not', async (t) => {
  const topic = 'untapped'
  await embedded.createTopic(topic)
  const env = plainEnvironment(t, embedded.kafka, topic)
  const folder = temporaryFolder(t)
  await writeFile(join(folder, 'token'), TOKEN)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const [bare, working, off] = [
    startService(t, { ...env, KAFKA_GROUP_ID: 'bare' }),
    startService(t, {
      ...env,
      ...{ KAFKA_GROUP_ID: 'working', OCC_PROCESSING_WORKERS: '1' },
      OCC_ADMIN_READ_TOKEN_FILE: join(folder, 'token'),
    }),
    startService(t, {
      ...env,
      ...{ KAFKA_GROUP_ID: 'off', OCC_HTTP_TAP: 'false' },
      OCC_ADMIN_READ_TOKEN_FILE: join(folder, 'token'),
    }),
  ]
  const problems: string[] = []
  for (const service of [bare, working, off]) {
    await service.ready()
    const url = await service.url()
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text()
    assert.equal(page.includes('id="tap"'), service === working)
    const answer = await fetch(`${url}/api/v1/tap`, { headers })
    problems.push(`${answer.status} ${((await answer.json()) as { detail: string }).detail}`)
  }
  assert.match(problems[0] ?? '', /^404 the admin API is off/)
  assert.match(problems[1] ?? '', /^503 worker threads handle the records/)
  assert.match(problems[2] ?? '', /^404 the tap is off: set http\.tap/)
})
