// Makes static/build from the sources: compiled, hashed and compressed files, and manifest.json,
// which maps plain names (app.css) to hashed ones (app-1A2B3C4D.css). Same sources, same bytes.
import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { compile } from 'sass'
import { picture } from './icons.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const folder = join(here, 'build')

const MODULES = ['app', 'conversation', 'passkeys', 'push', 'worker']
const ICONS = ['icon.svg']
const PICTURES = [192, 512]
const BROWSERS = ['chrome105', 'firefox115', 'safari15.4']

/** Compiles one entry with Sass, then lets esbuild make it small. */
async function style (name) {
  const { css } = compile(join(here, 'css', `${name}.scss`), {
    loadPaths: [join(here, '..', 'node_modules')],
    quietDeps: true,
    charset: false
  })
  const result = await build({
    stdin: { contents: css, loader: 'css', resolveDir: here },
    minify: true,
    legalComments: 'none',
    target: BROWSERS,
    write: false
  })
  return [`${name}.css`, result.outputFiles[0].contents]
}

/** Bundles one entry with everything that it imports. */
async function script (name) {
  const result = await build({
    entryPoints: [join(here, 'js', `${name}.js`)],
    bundle: true,
    format: 'esm',
    minify: true,
    legalComments: 'none',
    target: BROWSERS,
    write: false
  })
  return [`${name}.js`, result.outputFiles[0].contents]
}

async function icon (name) {
  return [name, await readFile(join(here, 'icons', name))]
}

function hashedName (name, contents) {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 8).toUpperCase()
  return name.replace(/\.(?=[^.]+$)/, `-${hash}.`)
}

async function write (name, contents) {
  const bytes = Buffer.from(contents)
  const file = hashedName(name, bytes)
  await writeFile(join(folder, file), bytes)
  if (name.endsWith('.png')) {
    console.log(`${file}: ${bytes.length} bytes`)
    return [name, file]
  }
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length
    }
  })
  await writeFile(join(folder, `${file}.br`), brotli)
  await writeFile(join(folder, `${file}.gz`), gzipSync(bytes, { level: 9 }))
  console.log(`${file}: ${bytes.length} bytes, ${brotli.length} as brotli`)
  return [name, file]
}

// The manifest comes last, and old files go after it: a server that runs on meanwhile never
// names a file that is not there.
await mkdir(folder, { recursive: true })
const made = await Promise.all([style('app'), ...MODULES.map(script), ...ICONS.map(icon)])
for (const side of PICTURES) made.push([`icon-${side}.png`, picture(side)])
const names = []
for (const [name, contents] of made) names.push(await write(name, contents))
await writeFile(
  join(folder, 'manifest.json'),
  JSON.stringify(Object.fromEntries(names.sort()), null, 2) + '\n'
)
const current = new Set(names.map(([, file]) => file))
for (const file of await readdir(folder)) {
  const isCurrent = file === 'manifest.json' || current.has(file.replace(/\.(br|gz)$/, ''))
  if (!isCurrent) await rm(join(folder, file))
}
