/** The error messages of a Java program, without log prefixes and stack frames. */
export function causeIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
  const complaints = lines.filter((line) => /ERROR|FATAL|Exception|Error:|Caused by/.test(line))
  return (complaints.length > 0 ? complaints : lines).slice(-4).join('\n')
}
