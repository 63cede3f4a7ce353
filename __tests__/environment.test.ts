import { describe, expect, it } from 'vitest'
import { readCacheService, scrubEnvironment } from '../src/environment.js'

it('passes on what finds programs, daemons and proxies, and keeps back secrets and command files', () => {
  const passed = {
    PATH: '/bin',
    HOME: '/home/x',
    DOCKER_HOST: 'tcp://127.0.0.1:1',
    https_proxy: 'http://proxy.example',
    GOPROXY: 'https://go.example',
    SSL_CERT_FILE: '/ca.pem',
    CONTAINERS_CONF: '/c.conf',
    BUILDX_BUILDER: 'mine',
    BUILDX_CONFIG: '/buildx',
  }
  const kept = {
    GITHUB_TOKEN: 's',
    ACTIONS_RUNTIME_TOKEN: 's',
    ACTIONS_RESULTS_URL: 'https://results.example/',
    ACTIONS_CACHE_URL: 'https://cache.example/',
    ACTIONS_CACHE_SERVICE_V2: 'True',
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 's',
    INPUT_COMMAND: 's',
    GITHUB_ENV: '/e',
    GITHUB_OUTPUT: '/o',
    GITHUB_STEP_SUMMARY: '/s',
    AWS_SECRET_ACCESS_KEY: 's',
    NODE_OPTIONS: '--require x',
    LD_PRELOAD: 'x.so',
  }
  expect(scrubEnvironment({ ...passed, ...kept })).toEqual(passed)
})

describe('readCacheService', () => {
  const token = { ACTIONS_RUNTIME_TOKEN: 's' }
  const first = { ACTIONS_CACHE_URL: 'https://cache.example/' }
  const second = { ACTIONS_RESULTS_URL: 'https://results.example/' }

  it('is what the runner says of either version, and nothing else', () => {
    const other = { GITHUB_TOKEN: 's', PATH: '/bin' }
    expect(readCacheService({ ...token, ...first, ...other })).toEqual({ ...token, ...first })
    const newer = { ...token, ...second, ACTIONS_CACHE_SERVICE_V2: 'True' }
    expect(readCacheService({ ...newer, ...other })).toEqual(newer)
  })

  it.each([
    ['outside of Actions', {}],
    ['without a token', { ...first, ...second, ACTIONS_CACHE_SERVICE_V2: 'true' }],
    ['with an empty token', { ...first, ACTIONS_RUNTIME_TOKEN: '' }],
    ['with a results service that keeps artifacts alone', { ...token, ...second }],
    ['without the address of its version', { ...token, ...first, ACTIONS_CACHE_SERVICE_V2: '1' }],
  ])('is nothing %s', (_case, environment) => {
    expect(readCacheService(environment)).toBeUndefined()
  })
})
