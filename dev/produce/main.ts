import { runDevCommand } from '../command.ts'
import { connectProducer } from './connection.ts'
import { createProduceCommand } from './produce.ts'

await runDevCommand(createProduceCommand(connectProducer))
