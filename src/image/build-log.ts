import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { makeRing } from '../ring.js'

const FILE_LIMIT_BYTES = 16 * 1024 * 1024
const TAIL_BYTES = 64 * 1024

/** A file that takes the output of several builds, line by line, up to a bound. */
export interface BuildLog {
  /** One build's output; each line gets the label in front */
  open(label: string, onLine: (line: string) => void): BuildStream
  line(text: string): void
  /** @returns why it is not complete on the disk, or null */
  close(): Promise<string | null>
}

export interface BuildStream {
  add(chunk: Buffer): void
  /** The last 64 KiB, as the build wrote them */
  tail(): string
}

export function makeBuildLog(path: string): BuildLog {
  const file = createWriteStream(path)
  const ends: (() => void)[] = []
  let written = 0
  let failure: string | null = null
  file.on('error', (error) => (failure = error.message))

  function line(text: string): void {
    const bytes = Buffer.from(`${text}\n`)
    if (written > FILE_LIMIT_BYTES) return
    written += bytes.length
    file.write(written > FILE_LIMIT_BYTES ? '[… the rest is left out …]\n' : bytes)
  }

  return {
    line,
    open(label, onLine) {
      const ring = makeRing(0, TAIL_BYTES)
      const decoder = new TextDecoder()
      let rest = ''
      ends.push(() => {
        if (rest !== '') line(`${label} | ${rest}`)
      })
      return {
        add(chunk) {
          ring.add(chunk)
          const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
          rest = (lines.pop() ?? '').slice(-TAIL_BYTES)
          for (const each of lines) {
            line(`${label} | ${each}`)
            onLine(each)
          }
        },
        tail: () => ring.text(),
      }
    },
    async close() {
      for (const end of ends) end()
      file.end()
      await finished(file).catch(() => undefined)
      return failure
    },
  }
}
