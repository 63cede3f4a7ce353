/** Workflow commands that would harm a job, in every form that the runner takes. */
const HARMFUL = ['set-env name=A', 'add-path', 'add-mask', 'set-output name=a', 'save-state name=a']

/** Characters before which a command still begins a line for the runner: .NET's white space and a lone return. */
const LEADS = [
  '',
  ' ',
  '\t',
  '\r',
  '\u000b',
  '\u000c',
  '\u0085',
  '\u00a0',
  '\u2003',
  '\u2028',
  '\u3000',
]

export const COMMANDS: readonly string[] = [
  ...HARMFUL.flatMap((name) => [`::${name}::owned`, `##[${name}]owned`, `text ##[${name}]owned`]),
  ...LEADS.map((lead) => `${lead}::error::owned`),
  '::stop-commands::owned',
  '::resume::',
  '::endgroup::',
  '::group::owned',
  '::add-matcher::owned.json',
  '\u001b[31m::warning::owned',
  '%0A::error::owned',
  '::error file=a,line=1::owned%0A::error::owned',
]
