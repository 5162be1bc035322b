import assert from 'node:assert/strict'
import test from 'node:test'
import { encoded, knownMessages } from './messages.ts'
import { decoderOf, messageOf } from './support.ts'

/** The events of each message of messages.ts, in the text of their chains. */
const expected: Readonly<Record<string, readonly object[]>> = {
  'solana.tokens.proto': [
    {
      id: '274W8xkEbRfVLkBGhYtjH5ziSryrfw5eakhc9STypGanTQUdWFLK1PjgyTSxstVgtW6Zpb7tdouPy3KSHjCKzhyy:3',
      chain: 'solana',
      kind: 'transfer',
      time: 1700000000000,
      from: 'ATkcvnqnjNYETaFR7nsJGircszgFzTPCXXFQy9AHyKx8',
      to: 'CZEnN8H74ckFnP19e3AjPnPhGnzrVTyPJYD9UzUquKAs',
      fromAccount: '8NGTVTQUQ8LD8mVgbXkpFaw6W6uE6FYSP4odzP7ovfqf',
      addresses: [
        'ATkcvnqnjNYETaFR7nsJGircszgFzTPCXXFQy9AHyKx8',
        'CZEnN8H74ckFnP19e3AjPnPhGnzrVTyPJYD9UzUquKAs',
        '8NGTVTQUQ8LD8mVgbXkpFaw6W6uE6FYSP4odzP7ovfqf',
        '6p8fCXhEoGVzvgk1ZfFgZTBYtT4bctUx1o4PJLdi5BNN',
        '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
      ],
      asset: {
        address: 'EeiwoTiRPrwsgGtq2HKxyyW8SpEvHpHb4Pv3mCRvWr1g',
        symbol: 'USDC',
        decimals: 6,
      },
      amount: 18446744073709551615n,
      success: true,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
    },
    {
      id: '274W8xkEbRfVLkBGhYtjH5ziSryrfw5eakhc9STypGanTQUdWFLK1PjgyTSxstVgtW6Zpb7tdouPy3KSHjCKzhyy:0',
      chain: 'solana',
      kind: 'transfer',
      time: 1700000000000,
      from: '8NGTVTQUQ8LD8mVgbXkpFaw6W6uE6FYSP4odzP7ovfqf',
      to: null,
      addresses: [
        '8NGTVTQUQ8LD8mVgbXkpFaw6W6uE6FYSP4odzP7ovfqf',
        '6p8fCXhEoGVzvgk1ZfFgZTBYtT4bctUx1o4PJLdi5BNN',
        '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
      ],
      asset: { address: '', symbol: 'SOL', decimals: 9 },
      amount: 0n,
      success: true,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
    },
    {
      id: 'JVfgF4qauSCBMRTuWQkTR7dpB3bfNnBbSzHUbs4U7yqckMsyncpKJzRyBBZXRh1shC2L82P1KFZbbE6JoQ6Z8zs:0',
      chain: 'solana',
      kind: 'transfer',
      time: 1700000000000,
      from: null,
      to: null,
      addresses: [],
      asset: null,
      amount: 0n,
      success: false,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
    },
    {
      id: 'JVfgF4qauSCBMRTuWQkTR7dpB3bfNnBbSzHUbs4U7yqckMsyncpKJzRyBBZXRh1shC2L82P1KFZbbE6JoQ6Z8zs:0:1',
      chain: 'solana',
      kind: 'transfer',
      time: 1700000000000,
      from: null,
      to: null,
      addresses: [],
      asset: null,
      amount: 0n,
      success: false,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
    },
  ],
  'solana.dextrades.proto': [
    {
      id: '274W8xkEbRfVLkBGhYtjH5ziSryrfw5eakhc9STypGanTQUdWFLK1PjgyTSxstVgtW6Zpb7tdouPy3KSHjCKzhyy:3:trade',
      chain: 'solana',
      kind: 'trade',
      time: 1700000000000,
      from: '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
      to: null,
      addresses: [
        '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
        '6p8fCXhEoGVzvgk1ZfFgZTBYtT4bctUx1o4PJLdi5BNN',
        'ATkcvnqnjNYETaFR7nsJGircszgFzTPCXXFQy9AHyKx8',
        'CZEnN8H74ckFnP19e3AjPnPhGnzrVTyPJYD9UzUquKAs',
        'E7Naf3zLfUaTu9ssqBRo7r9TddajEdH9rvDJZ6nN81kN',
        '8NGTVTQUQ8LD8mVgbXkpFaw6W6uE6FYSP4odzP7ovfqf',
      ],
      asset: {
        address: 'EeiwoTiRPrwsgGtq2HKxyyW8SpEvHpHb4Pv3mCRvWr1g',
        symbol: 'USDC',
        decimals: 6,
      },
      amount: 18446744073709551615n,
      success: true,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
      trade: {
        dex: {
          address: 'C1tRDiZ2LENSff169fNFJbBjMZezPwT1Sxc88sF4FaMq',
          name: 'pump_amm',
          family: 'Pumpswap',
        },
        pool: 'E7Naf3zLfUaTu9ssqBRo7r9TddajEdH9rvDJZ6nN81kN',
        trader: '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
        buy: {
          asset: {
            address: 'EeiwoTiRPrwsgGtq2HKxyyW8SpEvHpHb4Pv3mCRvWr1g',
            symbol: 'USDC',
            decimals: 6,
          },
          amount: 18446744073709551615n,
          account: 'ATkcvnqnjNYETaFR7nsJGircszgFzTPCXXFQy9AHyKx8',
          more: [],
        },
        sell: {
          asset: {
            address: 'GkD7EkWRVLnFkEF3JvQRtdq8qQACxmddP4DE9VtMV3zH',
            symbol: 'USDC',
            decimals: 6,
          },
          amount: 9007199254740993n,
          account: 'CZEnN8H74ckFnP19e3AjPnPhGnzrVTyPJYD9UzUquKAs',
          more: [],
        },
        fees: [{ asset: null, amount: 25n }],
      },
    },
  ],
  'solana.transactions.proto': [
    {
      id: '274W8xkEbRfVLkBGhYtjH5ziSryrfw5eakhc9STypGanTQUdWFLK1PjgyTSxstVgtW6Zpb7tdouPy3KSHjCKzhyy',
      chain: 'solana',
      kind: 'transaction',
      time: 1700000000000,
      from: '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
      to: null,
      addresses: [
        '8ucpds8Z8Wi2FVVk5vNAab7CTNakeZkYEeYUWbZ4LwGh',
        '6p8fCXhEoGVzvgk1ZfFgZTBYtT4bctUx1o4PJLdi5BNN',
        'B16z5CZsTkv3aJFUcBUebiV7LbQ7yNnTZnjvMSH44dBr',
      ],
      asset: null,
      amount: null,
      success: true,
      block: {
        number: 300000001n,
        hash: '3AWhUGYgsATmPoEc1Xe4rBWMhshjFTQfqmEh2otQ9MtC',
        parent: '5Fzrubz1CQfnibzLXnkYsKS1GoDy8Rh6AQu2qbAQHXu9',
      },
    },
  ],
  'eth.tokens.proto': [
    {
      id: '0x373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:7',
      chain: 'eth',
      kind: 'transfer',
      time: 1700000000000,
      from: '0x6d747b828990979ea5acb3bac1c8cfd6dde4ebf2',
      to: '0x8c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11',
      addresses: [
        '0x6d747b828990979ea5acb3bac1c8cfd6dde4ebf2',
        '0x8c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a11',
        '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
        '0x757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa',
      ],
      asset: {
        address: '0xabb2b9c0c7ced5dce3eaf1f8ff060d141b222930',
        symbol: 'USDT',
        decimals: 6,
      },
      amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
      success: true,
      block: {
        number: 20949965n,
        hash: '0x20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '0x3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
    {
      id: '0x373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:8',
      chain: 'eth',
      kind: 'transfer',
      time: 1700000000000,
      from: '0x6d747b828990979ea5acb3bac1c8cfd6dde4ebf2',
      to: null,
      addresses: [
        '0x6d747b828990979ea5acb3bac1c8cfd6dde4ebf2',
        '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
        '0x757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa',
      ],
      asset: null,
      amount: 0n,
      success: false,
      block: {
        number: 20949965n,
        hash: '0x20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '0x3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
  ],
  'bsc.dextrades.proto': [
    {
      id: '0x373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:2:trade',
      chain: 'bsc',
      kind: 'trade',
      time: 1700000000000,
      from: '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
      to: null,
      addresses: [
        '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
        '0x1f262d343b424950575e656c737a81888f969da4',
        '0xe1e8eff6fd040b121920272e353c434a51585f66',
        '0xc2c9d0d7dee5ecf3fa01080f161d242b32394047',
        '0x00070e151c232a31383f464d545b626970777e85',
        '0xa3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a2128',
      ],
      asset: {
        address: '0xabb2b9c0c7ced5dce3eaf1f8ff060d141b222930',
        symbol: 'USDT',
        decimals: 6,
      },
      amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
      success: true,
      block: {
        number: 20949965n,
        hash: '0x20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '0x3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
      trade: {
        dex: {
          address: '0xa3aab1b8bfc6cdd4dbe2e9f0f7fe050c131a2128',
          name: 'uniswap_v3',
          family: 'Uniswap',
        },
        pool: '0xc2c9d0d7dee5ecf3fa01080f161d242b32394047',
        trader: '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
        buy: {
          asset: {
            address: '0xabb2b9c0c7ced5dce3eaf1f8ff060d141b222930',
            symbol: 'USDT',
            decimals: 6,
          },
          amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
          account: '0xe1e8eff6fd040b121920272e353c434a51585f66',
          more: [],
        },
        sell: {
          asset: { address: '', symbol: 'BNB', decimals: 18 },
          amount: 9n,
          account: '0x00070e151c232a31383f464d545b626970777e85',
          more: [{ asset: null, amount: 8n }],
        },
        fees: [
          {
            asset: {
              address: '0xabb2b9c0c7ced5dce3eaf1f8ff060d141b222930',
              symbol: 'USDT',
              decimals: 6,
            },
            amount: 3n,
          },
        ],
      },
    },
  ],
  'matic.raw.proto': [
    {
      id: '0x373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910',
      chain: 'matic',
      kind: 'transfer',
      time: 1700000000000,
      from: '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
      to: '0x757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa',
      addresses: [
        '0x565d646b727980878e959ca3aab1b8bfc6cdd4db',
        '0x757c838a91989fa6adb4bbc2c9d0d7dee5ecf3fa',
      ],
      asset: { address: '', symbol: 'POL', decimals: 18 },
      amount: 256n,
      success: true,
      block: {
        number: 20949965n,
        hash: '0x20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '0x3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
    {
      id: '0xd9e0e7eef5fc030a11181f262d343b424950575e656c737a81888f969da4abb2',
      chain: 'matic',
      kind: 'transaction',
      time: 1700000000000,
      from: '0xf8ff060d141b222930373e454c535a61686f767d',
      to: '0x171e252c333a41484f565d646b727980878e959c',
      addresses: [
        '0xf8ff060d141b222930373e454c535a61686f767d',
        '0x171e252c333a41484f565d646b727980878e959c',
      ],
      asset: null,
      amount: null,
      success: false,
      block: {
        number: 20949965n,
        hash: '0x20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '0x3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
  ],
  'tron.tokens.proto': [
    {
      id: '373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:7',
      chain: 'tron',
      kind: 'transfer',
      time: 1700000000123,
      from: 'TKwxCK32M3f1gr67r53VvecQ1c1fo9p8b4',
      to: 'TNnWRd631iTVhcKA3qrRoc5ngCcRXT5xBf',
      addresses: [
        'TKwxCK32M3f1gr67r53VvecQ1c1fo9p8b4',
        'TNnWRd631iTVhcKA3qrRoc5ngCcRXT5xBf',
        'THqrzZhx7KmgmtpqF9DarX8b8mtBQubjsB',
        'TLgRDskxmzaAnf3sSv2WjUbyy7MvksMQHh',
      ],
      asset: {
        address: 'TRd4ew93gPFyiNYCFceFxC54vhSUGAPjwz',
        symbol: 'USDT',
        decimals: 6,
      },
      amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
      success: true,
      block: {
        number: 60000000n,
        hash: '20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
    {
      id: '373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:8',
      chain: 'tron',
      kind: 'transfer',
      time: 1700000000123,
      from: 'TKwxCK32M3f1gr67r53VvecQ1c1fo9p8b4',
      to: null,
      addresses: [
        'TKwxCK32M3f1gr67r53VvecQ1c1fo9p8b4',
        'THqrzZhx7KmgmtpqF9DarX8b8mtBQubjsB',
        'TLgRDskxmzaAnf3sSv2WjUbyy7MvksMQHh',
      ],
      asset: null,
      amount: 0n,
      success: false,
      block: {
        number: 60000000n,
        hash: '20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
    },
  ],
  'tron.dextrades.proto': [
    {
      id: '373e454c535a61686f767d848b9299a0a7aeb5bcc3cad1d8dfe6edf4fb020910:2:trade',
      chain: 'tron',
      kind: 'trade',
      time: 1700000000123,
      from: 'THqrzZhx7KmgmtpqF9DarX8b8mtBQubjsB',
      to: null,
      addresses: [
        'THqrzZhx7KmgmtpqF9DarX8b8mtBQubjsB',
        'TCougZV89pDjThiYEqTcZ5gSRvMfYD4jEi',
        'TWZi5zX7mj3iFPfN7TvNmPJSigvkMcR3tU',
        'TTj9rgU7v79JdCcT7LVQafNgaxjwH4Fi3S',
        'T9yMTFS7V9RFSwVW34egg8D3basvH8E6UG',
        'TQtbdNR7FSLpcZaSemgLdJ6yu2DT8s5Nu8',
      ],
      asset: {
        address: 'TRd4ew93gPFyiNYCFceFxC54vhSUGAPjwz',
        symbol: 'USDT',
        decimals: 6,
      },
      amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
      success: true,
      block: {
        number: 60000000n,
        hash: '20272e353c434a51585f666d747b828990979ea5acb3bac1c8cfd6dde4ebf2f9',
        parent: '3f464d545b626970777e858c939aa1a8afb6bdc4cbd2d9e0e7eef5fc030a1118',
      },
      trade: {
        dex: {
          address: 'TQtbdNR7FSLpcZaSemgLdJ6yu2DT8s5Nu8',
          name: 'uniswap_v3',
          family: 'Uniswap',
        },
        pool: 'TTj9rgU7v79JdCcT7LVQafNgaxjwH4Fi3S',
        trader: 'THqrzZhx7KmgmtpqF9DarX8b8mtBQubjsB',
        buy: {
          asset: {
            address: 'TRd4ew93gPFyiNYCFceFxC54vhSUGAPjwz',
            symbol: 'USDT',
            decimals: 6,
          },
          amount: 115792089237316195423570985008687907853269984665640564039457584007913129639935n,
          account: 'TWZi5zX7mj3iFPfN7TvNmPJSigvkMcR3tU',
          more: [],
        },
        sell: {
          asset: { address: '', symbol: 'TRX', decimals: 18 },
          amount: 9n,
          account: 'T9yMTFS7V9RFSwVW34egg8D3basvH8E6UG',
          more: [{ asset: null, amount: 8n }],
        },
        fees: [
          {
            asset: {
              address: 'TRd4ew93gPFyiNYCFceFxC54vhSUGAPjwz',
              symbol: 'USDT',
              decimals: 6,
            },
            amount: 3n,
          },
        ],
      },
    },
  ],
}

for (const known of knownMessages) {
  test(`the events of ${known.topic}`, () => {
    const { events } = messageOf(decoderOf(), known.topic, encoded(known))
    // Whatever is a bigint is text in the JSON.
    for (const event of JSON.parse(JSON.stringify(events))) {
      assert.equal(typeof event.block.number, 'string')
      assert.equal(typeof (event.trade?.buy.amount ?? event.amount ?? ''), 'string')
    }
    const noAccounts = { fromAccount: null, toAccount: null }
    assert.deepEqual(
      events.map((event) => ({ ...event })),
      expected[known.topic]?.map((event) => ({ ...noAccounts, ...event })),
    )
  })
}
