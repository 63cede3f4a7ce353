import { expect, it } from 'vitest'
import { scrubEnvironment } from '../src/environment.js'

it('passes on what finds programs, daemons and proxies, and keeps back secrets and command files', () => {
  const passed = {
    PATH: '/bin',
    HOME: '/home/x',
    DOCKER_HOST: 'tcp://127.0.0.1:1',
    https_proxy: 'http://proxy.example',
    GOPROXY: 'https://go.example',
    SSL_CERT_FILE: '/ca.pem',
    CONTAINERS_CONF: '/c.conf',
  }
  const kept = {
    GITHUB_TOKEN: 's',
    ACTIONS_RUNTIME_TOKEN: 's',
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
