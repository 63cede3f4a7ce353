import { describe, expect, it } from 'vitest'
import { qualifyImage } from '../../src/image/names.js'

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
