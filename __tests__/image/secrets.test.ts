import { mkdtemp, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { goSettings, writeSecrets } from '../../src/image/secrets.js'

describe('goSettings', () => {
  it("is a file of the go command's settings, with nothing else in it", () => {
    expect(
      goSettings({ GOPROXY: 'https://a|direct', GOSUMDB: 'off', PATH: '/bin', GOFLAGS: '-x' }),
    ).toBe('GOPROXY=https://a|direct\nGOSUMDB=off\n')
  })

  it('leaves out a value that would add a line', () => {
    expect(goSettings({ GOPROXY: 'a\nGOSUMDB=off' })).toBe('')
  })
})

describe('writeSecrets', () => {
  it('keeps them from other users', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secrets-'))
    const secrets = await writeSecrets(join(folder, 's'), {}, 'http://me:pw@mirror.example')
    expect(secrets.map(({ id }) => id)).toEqual(['ca', 'go-env', 'apt-mirror'])
    for (const { file } of secrets) expect((await stat(file)).mode & 0o077).toBe(0)
    expect(await readFile(join(folder, 's', 'apt-mirror'), 'utf8')).toContain('mirror.example')
  })

  it("takes the machine's certificates where it names them, else Node's", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secrets-'))
    await writeFile(join(folder, 'own.pem'), 'own')
    await writeSecrets(join(folder, 'a'), { SSL_CERT_FILE: join(folder, 'own.pem') }, undefined)
    expect(await readFile(join(folder, 'a', 'ca'), 'utf8')).toBe('own')
    await writeSecrets(join(folder, 'b'), {}, undefined)
    expect(await readFile(join(folder, 'b', 'ca'), 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/)
  })
})
