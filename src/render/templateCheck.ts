/** One thing wrong with a template; `line` is 1-based. */
export interface TemplateProblem {
  readonly line: number
  readonly message: string
}

/** The parts of Handlebars' syntax tree that are looked at. */
interface Node {
  readonly type: string
  readonly loc?: { readonly start: { readonly line: number } }
  readonly escaped?: boolean
  readonly path?: Node & { readonly original?: unknown }
  readonly params?: readonly Node[]
  readonly hash?: { readonly pairs?: readonly { readonly value: Node }[] }
  readonly program?: Node
  readonly inverse?: Node
  readonly body?: readonly Node[]
}

/** `text` in `{{text x}}`; a path is printed as it was written. */
const nameOf = (node: Node): string => (typeof node.path?.original === 'string' ? node.path.original : '')

const BLOCKS = ['region', 'if', 'unless', 'each']

/**
 * Refuses what would let a value into the document unescaped: bare `{{x}}`, triple braces, unknown helpers, partials,
 * decorators. A team's own template goes through the same check.
 */
export const problemsOfTemplate = (
  source: string,
  helpers: readonly string[],
  parse: (source: string) => unknown,
): readonly TemplateProblem[] => {
  let tree: Node
  try {
    tree = parse(source) as Node
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const line = Number(/(?:line |- )(\d+)/.exec(message)?.[1] ?? 1)
    return [{ line, message: `cannot be read as Handlebars: ${message.split('\n').at(-1) ?? message}` }]
  }
  const problems: TemplateProblem[] = []
  const say = (node: Node, message: string): void => {
    problems.push({ line: node.loc?.start.line ?? 1, message })
  }

  const visitCall = (node: Node, block: boolean): void => {
    const name = nameOf(node)
    if (node.path?.type !== 'PathExpression' || !helpers.includes(name))
      say(node, `unknown helper "${name}", expected one of ${helpers.join(', ')}`)
    else if (block !== BLOCKS.includes(name))
      say(
        node,
        block
          ? `"${name}" is no block helper, expected ${BLOCKS.join(', ')}`
          : `"${name}" needs a block: {{#${name} …}}`,
      )
    else if (!block && (node.params ?? []).length === 0) say(node, `{{${name}}} needs a value`)
    for (const value of [...(node.params ?? []), ...(node.hash?.pairs ?? []).map((pair) => pair.value)]) {
      if (value.type === 'SubExpression') say(value, 'a helper inside a helper would be escaped twice')
    }
  }

  const visit = (node: Node): void => {
    switch (node.type) {
      case 'Program':
        for (const child of node.body ?? []) visit(child)
        return
      case 'MustacheStatement':
        if (node.escaped === false) say(node, 'triple braces or {{& …}} bypass every helper')
        else if ((node.params ?? []).length === 0 && !helpers.includes(nameOf(node)))
          say(node, `bare {{${nameOf(node)}}}: pass the value through a helper, as in {{text ${nameOf(node)}}}`)
        else visitCall(node, false)
        return
      case 'BlockStatement':
        visitCall(node, true)
        if (node.program) visit(node.program)
        if (node.inverse) visit(node.inverse)
        return
      case 'ContentStatement':
      case 'CommentStatement':
        return
      default:
        say(node, `${node.type.replace(/Statement$|Block$/, '').toLowerCase()}s are not available in templates`)
    }
  }
  visit(tree)
  return problems
}
