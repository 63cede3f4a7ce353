import { describe, expect, it } from 'vitest'
import { qualifyImage, registryName } from '../../src/image/names.js'

describe('qualifyImage', () => {
  it.each([
    ['debian:bullseye', 'docker.io/library/debian:bullseye'],
    ['library/debian:sid', 'docker.io/library/debian:sid'],
    ['docker.io/library/debian:sid', 'docker.io/library/debian:sid'],
    ['owner/image', 'docker.io/owner/image'],
    ['ghcr.io/owner/image:1', 'ghcr.io/owner/image:1'],
    ['localhost/image', 'localhost/image'],
    ['localhost:5000/image', 'localhost:5000/image'],
  ])('%s is %s', (image, name) => {
    expect(qualifyImage(image, undefined)).toBe(name)
  })

  it("takes Docker Hub's images from another registry, and no others", () => {
    const registry = 'mirror.example:5000/hub'
    expect(qualifyImage('debian:sid', registry)).toBe(`${registry}/library/debian:sid`)
    expect(qualifyImage('docker.io/owner/image', registry)).toBe(`${registry}/owner/image`)
    expect(qualifyImage('ghcr.io/owner/image', registry)).toBe('ghcr.io/owner/image')
  })
})

describe('registryName', () => {
  it.each([
    ['docker.io/library/debian:sid', 'debian@sha256:1', 'docker.io/library/debian@sha256:1'],
    ['docker.io/owner/image', 'owner/image@sha256:1', 'docker.io/owner/image@sha256:1'],
    ['localhost:5000/image', 'localhost:5000/image@sha256:1', 'localhost:5000/image@sha256:1'],
    ['ghcr.io/o/i:1@sha256:1', 'ghcr.io/o/i@sha256:1', 'ghcr.io/o/i@sha256:1'],
  ])('%s, known as %s, is %s', (name, digest, expected) => {
    expect(registryName(name, ['other/image@sha256:2', digest])).toBe(expected)
  })

  it('is not that of the same image in another repository', () => {
    const elsewhere = ['mirror.example/library/debian@sha256:1', 'debian-slim@sha256:1']
    expect(registryName('docker.io/library/debian:sid', elsewhere)).toBeUndefined()
    expect(registryName('docker.io/library/debian:sid', [])).toBeUndefined()
  })
})
