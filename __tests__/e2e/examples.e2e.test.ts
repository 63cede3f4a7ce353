import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { leftContainers } from '../helpers/leftovers.js'
import { startResultsServer } from '../helpers/results-server.js'
import type { ResultsServer } from '../helpers/results-server.js'
import { ROOT } from '../helpers/runner.js'
import { makeRepository, makeUserRepository, runWorkflow } from './act.js'
import type { Repository, WorkflowRequest, WorkflowRun } from './act.js'
import { fetchResult, serverVariables } from './artifacts.js'
import { installWorkflowTools } from './tools.js'

/** Workflows to copy: each is run below, unchanged. */
const WORKFLOWS = ['one-step', 'own-program', 'scheduled-matrix', 'symbolizer-pr']

const SERVER = `package main

// #cgo LDFLAGS: -lsqlite3
// #include <sqlite3.h>
import "C"

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println(os.Args[1:], "with SQLite", C.GoString(C.sqlite3_libversion()))
	time.Sleep(2 * time.Second)
	fmt.Println("self-test passed")
}
`

let act: string
let action: Repository
let user: Repository
let server: ResultsServer

beforeAll(async () => {
  act = (await installWorkflowTools()).act
  action = await makeRepository()
  const workflows = WORKFLOWS.map((name) => [
    `.github/workflows/${name}.yml`,
    { from: `examples/${name}.yml` },
  ])
  user = await makeUserRepository({
    ...(Object.fromEntries(workflows) as Record<string, { from: string }>),
    '.github/cgo-deadlock.yml': { from: 'examples/cells.yml' },
    // The repository of a symbolizer, with a server beside it.
    '.': { from: 'native/symbolizers/framepointer' },
    'cmd/server/main.go': { text: SERVER },
  })
})
afterAll(() => Promise.all([action.remove(), user.remove()]))
beforeEach(async () => {
  server = await startResultsServer()
})
afterEach(() => server.close())

function run(
  name: string,
  request: Pick<WorkflowRequest, 'event' | 'matrix'> = { event: 'pull_request' },
): Promise<WorkflowRun> {
  const file = `.github/workflows/${name}.yml`
  const env = serverVariables(server)
  return runWorkflow(user.path, { act, env, file, action: action.path, ...request })
}

describe('the examples', () => {
  it('are all run here', () => {
    const files = readdirSync(join(ROOT, 'examples')).map((file) => file.replace(/\.yml$/, ''))
    expect(files.toSorted()).toEqual([...WORKFLOWS, 'cells'].toSorted())
  })

  it('one step: today’s toolchain is safe', async () => {
    const ran = await run('one-step')
    expect([...ran.jobs.values()]).toEqual(['success'])
    expect(ran.summaries.join()).toContain('Immune')
    expect(server.artifacts.size).toBe(1)
  })

  it('one’s own program: built with its package, run with its arguments', async () => {
    const ran = await run('own-program')
    expect([...ran.jobs.values()]).toEqual(['success'])
    const [name = ''] = server.artifacts.keys()
    const result = await fetchResult(server, name)
    expect(result).toMatchObject({
      outcome: 'exited',
      conclusion: 'pass',
      asked: { program: './cmd/server' },
      toolchain: { glibc: '2.36' },
    })
    const said = new TextDecoder().decode(server.artifacts.get(name)?.get('output.log'))
    expect(said).toMatch(/\[--self-test\] with SQLite 3/)
    expect(await leftContainers(result.id)).toEqual([])
  })

  it('a scheduled matrix: its cells, run on both sides of the boundary, and the report of all', async () => {
    const names = [
      'Go stable, debian:bullseye, ianlancetaylor',
      'Go stable, debian:trixie, ianlancetaylor',
    ]
    const ran = await run('scheduled-matrix', {
      event: 'workflow_dispatch',
      matrix: names.map((name) => `name:${name}`),
    })
    // The other cells have no result here, so the report can't pass; nor does GitHub's API answer for the last night.
    expect([...ran.jobs.values()]).toEqual(['success', 'success', 'success', 'failure'])
    const said = ran.lines.map(({ msg }) => msg).join('\n')
    expect(said).toContain('2 results found for 13 cells')
    expect(said).toContain('The last scheduled run')
    expect(said).toMatch(
      /1 of 13 cells are free of faults, 1 has one \(1 known\), 11 are undecided/,
    )
    expect(ran.summaries.join()).toContain('Compatibility: Undecided')
    const table = 'cgo-deadlock-compat'
    expect([...(server.artifacts.get(table)?.keys() ?? [])]).toContain('compat.html')
    const cells = [...server.artifacts.keys()].filter((name) => name !== table)
    const results = await Promise.all(cells.map((name) => fetchResult(server, name)))
    expect(results.map(({ outcome }) => outcome).toSorted()).toEqual(['deadlock', 'immune'])
  })

  it('a symbolizer’s pull request: both sides swept', async () => {
    const ran = await run('symbolizer-pr')
    expect([...ran.jobs.values()]).toEqual(['success'])
    const [name = ''] = server.artifacts.keys()
    const result = await fetchResult(server, name)
    expect(result.conclusion).toBe('pass')
    expect(result.toolchain).toMatchObject({ glibc: '2.31', symbolizer: { version: 'local' } })
    expect(result.comparison).toMatchObject({ verdict: 'still-safe', base: { outcome: 'immune' } })
    expect(ran.summaries.join('\n')).toContain('Still safe')
  })
})
