/** What a Java program complains about, without log noise and without the frames of its stacks. */
export function causeIn(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '' && !/^\s+at /.test(line))
  const complaints = lines.filter((line) => /ERROR|FATAL|Exception|Error:|Caused by/.test(line))
  return (complaints.length > 0 ? complaints : lines).slice(-4).join('\n')
}
