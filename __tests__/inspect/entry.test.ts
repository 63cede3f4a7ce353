import { describe, expect, it } from 'vitest'
import { entryCandidates, libraryPathOf } from '../../src/inspect/entry.js'

const IMAGE = { entrypoint: [], command: [], env: [], folder: '/' }

describe('the program that an image starts', () => {
  it.each([
    [{ entrypoint: ['/srv/app'], command: ['-v'] }, ['/srv/app']],
    [{ command: ['./app'], folder: '/srv' }, ['/srv/app']],
    [{ entrypoint: ['tini', '--', '/srv/app'] }, ['/srv/app']],
    [
      { entrypoint: ['/usr/bin/dumb-init'], command: ['app'], env: ['PATH=/a:/b'] },
      ['/a/app', '/b/app'],
    ],
    [{ command: ['/bin/sh', '-c', 'exec /srv/app'] }, []],
    [{ entrypoint: ['bash'] }, []],
    [{}, []],
  ])('%j: %j', (image, expected) => {
    expect(entryCandidates({ ...IMAGE, ...image })).toEqual(expected)
  })

  it('gets the libraries that its environment names', () => {
    expect(libraryPathOf({ ...IMAGE, env: ['A=1', 'LD_LIBRARY_PATH=/x::/y'] })).toEqual([
      '/x',
      '/y',
    ])
    expect(libraryPathOf(IMAGE)).toEqual([])
  })
})
