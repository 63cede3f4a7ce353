import { StringDecoder } from 'node:string_decoder'

/**
 * Makes a receiver of chunks that hands on whole lines without their end. A line longer than the limit is dropped.
 * @param limitBytes bound of the memory held for an unfinished line
 */
export function splitLines(
  limitBytes: number,
  onLine: (line: string) => void,
): (chunk: Buffer) => void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  let dropping = false
  return (chunk) => {
    const parts = (rest + decoder.write(chunk)).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      if (!dropping) onLine(line)
      dropping = false
    }
    if (rest.length > limitBytes) {
      rest = ''
      dropping = true
    }
  }
}
