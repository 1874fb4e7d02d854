// The icon as pictures, for home screens that take no SVG: the same speech bubble as icon.svg, drawn
// to the edge, since phones cut their own shape out of it. No crest, no word, nothing of police.
import { deflateSync } from 'node:zlib'

const GRID = 32 // as in icon.svg
const GROUND = [0x14, 0x52, 0x4f]
const BUBBLE = [0xff, 0xff, 0xff]
const SHADES = 4 // for the one edge that is not straight
const SAMPLES = 2 // of a point, each way

/** A square picture with sides of so many points, as PNG. */
export function picture (side) {
  const rows = []
  for (let y = 0; y < side; y++) {
    const row = Buffer.alloc(1 + side / 4) // first which filter: none
    for (let x = 0; x < side; x++) row[1 + (x >> 2)] |= shade(x, y, side) << (6 - 2 * (x & 3))
    rows.push(row)
  }
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 2, 3, 0, 0, 0]) // two bits a point, by palette
  head.writeUInt32BE(side, 0)
  head.writeUInt32BE(side, 4)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', palette()),
    chunk('IDAT', deflateSync(Buffer.concat(rows), { level: 9 })),
    chunk('IEND', Buffer.alloc(0))
  ])
}

function isBubble (x, y) {
  const isBody = x >= 7 && x < 25 && y >= 9 && y < 20
  const isTail = x >= 10 && y >= 20 && y < 20 + (15 - x) * 4 / 5
  return isBody || isTail
}

function shade (x, y, side) {
  let inside = 0
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const across = (x + (i % SAMPLES + 0.5) / SAMPLES) * GRID / side
    const down = (y + ((i >> 1) + 0.5) / SAMPLES) * GRID / side
    if (isBubble(across, down)) inside++
  }
  return Math.round(inside / (SAMPLES * SAMPLES) * (SHADES - 1))
}

function palette () {
  const blend = level => GROUND.map((from, i) => from + (BUBBLE[i] - from) * level / (SHADES - 1))
  return Buffer.from([...Array(SHADES).keys()].flatMap(blend))
}

function chunk (name, contents) {
  const body = Buffer.concat([Buffer.from(name), contents])
  const around = Buffer.alloc(8)
  around.writeUInt32BE(contents.length, 0)
  around.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)])
}

/** PNG's own check sum. (Node has it only since 20.15.) */
function crc32 (bytes) {
  let sum = 0xffffffff
  for (const byte of bytes) {
    sum ^= byte
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1
  }
  return (sum ^ 0xffffffff) >>> 0
}
