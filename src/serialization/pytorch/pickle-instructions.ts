/**
 * The pickle instructions understood: what Python's and PyTorch's picklers emit in protocols 2 to 5 for plain data.
 * Instructions that make objects of classes, and those of the text protocols 0 and 1, are refused by name.
 *
 * @see CPython's Lib/pickletools.py
 */
import type { PickleCursor } from "./pickle-cursor.js";
import { PickleMachine, type PickleRules } from "./pickle-machine.js";

type Instruction = (machine: PickleMachine, cursor: PickleCursor) => void;

const newestProtocol = 5;
const stop = 0x2e;
/** Published state dicts need less than 1 MiB; their elements lie outside the pickle. */
const largestPickle = 1 << 24;

const instructions: Readonly<Record<number, Instruction>> = {
  // Frame of the file
  128: (_, cursor) => {
    const protocol = cursor.uint8(); // PROTO
    if (protocol > newestProtocol) throw cursor.refuse(`protocol ${protocol}`);
  },
  149: (_, cursor) => {
    const length = cursor.uint64(); // FRAME
    if (length > cursor.bytes.length - cursor.position) throw cursor.refuse("a frame longer than the file");
  },
  // Constants and numbers
  78: (machine) => machine.push(null), // NONE
  136: (machine) => machine.push(true), // NEWTRUE
  137: (machine) => machine.push(false), // NEWFALSE
  74: (machine, cursor) => machine.push(cursor.int32()), // BININT
  75: (machine, cursor) => machine.push(cursor.uint8()), // BININT1
  77: (machine, cursor) => machine.push(cursor.uint16()), // BININT2
  138: (machine, cursor) => machine.push(cursor.integer(cursor.uint8())), // LONG1
  139: (machine, cursor) => machine.push(cursor.integer(cursor.uint32())), // LONG4
  71: (machine, cursor) => machine.push(cursor.float64()), // BINFLOAT
  // Texts and bytes
  88: (machine, cursor) => machine.push(cursor.utf8(cursor.uint32())), // BINUNICODE
  140: (machine, cursor) => machine.push(cursor.utf8(cursor.uint8())), // SHORT_BINUNICODE
  141: (machine, cursor) => machine.push(cursor.utf8(cursor.uint64())), // BINUNICODE8
  84: (machine, cursor) => machine.push(cursor.latin1(cursor.uint32())), // BINSTRING
  85: (machine, cursor) => machine.push(cursor.latin1(cursor.uint8())), // SHORT_BINSTRING
  66: (machine, cursor) => machine.push(cursor.raw(cursor.uint32())), // BINBYTES
  67: (machine, cursor) => machine.push(cursor.raw(cursor.uint8())), // SHORT_BINBYTES
  142: (machine, cursor) => machine.push(cursor.raw(cursor.uint64())), // BINBYTES8
  // Lists, tuples, dicts
  93: (machine) => machine.push([]), // EMPTY_LIST
  41: (machine) => machine.push([]), // EMPTY_TUPLE
  108: (machine) => machine.push(machine.popToMark()), // LIST
  116: (machine) => machine.push(machine.popToMark()), // TUPLE
  133: (machine) => machine.push(machine.popMany(1)), // TUPLE1
  134: (machine) => machine.push(machine.popMany(2)), // TUPLE2
  135: (machine) => machine.push(machine.popMany(3)), // TUPLE3
  97: (machine) => machine.append(machine.popMany(1)), // APPEND
  101: (machine) => machine.append(machine.popToMark()), // APPENDS
  125: (machine) => machine.push(new Map()), // EMPTY_DICT
  100: (machine) => {
    const items = machine.popToMark(); // DICT
    machine.push(new Map());
    machine.setItems(items);
  },
  115: (machine) => machine.setItems(machine.popMany(2)), // SETITEM
  117: (machine) => machine.setItems(machine.popToMark()), // SETITEMS
  // Stack and memo
  40: (machine) => machine.pushMark(), // MARK
  48: (machine) => machine.discard(), // POP
  49: (machine) => void machine.popToMark(), // POP_MARK
  113: (machine, cursor) => machine.remember(cursor.uint8()), // BINPUT
  114: (machine, cursor) => machine.remember(cursor.uint32()), // LONG_BINPUT
  148: (machine) => machine.remember(), // MEMOIZE
  104: (machine, cursor) => machine.recall(cursor.uint8()), // BINGET
  106: (machine, cursor) => machine.recall(cursor.uint32()), // LONG_BINGET
  // Names from the table, and what is built with them
  99: (machine, cursor) => machine.lookUp(cursor.line(), cursor.line()), // GLOBAL
  147: (machine) => {
    const [module, name] = machine.popMany(2); // STACK_GLOBAL
    machine.lookUp(module, name);
  },
  82: (machine) => machine.call(), // REDUCE
  98: (machine) => machine.setState(), // BUILD
  81: (machine) => machine.fetchPersistent(), // BINPERSID
};

/** Names for the message. */
const refused: Readonly<Record<number, string>> = {
  105: "INST, which makes an object",
  111: "OBJ, which makes an object",
  129: "NEWOBJ, which makes an object",
  146: "NEWOBJ_EX, which makes an object",
  130: "EXT1, which runs registered code",
  131: "EXT2, which runs registered code",
  132: "EXT4, which runs registered code",
};

/**
 * Runs one pickle from the cursor's position to its STOP and returns what it built.
 *
 * @throws DataFormatError naming the file, what was refused, and where
 */
export function runPickle(cursor: PickleCursor, rules: PickleRules): unknown {
  const machine = new PickleMachine(cursor, rules);
  const limit = cursor.position + largestPickle;
  for (let code = cursor.uint8(); code !== stop; code = cursor.uint8()) {
    const instruction = instructions[code];
    if (instruction === undefined) {
      throw cursor.refuse(`the instruction ${refused[code] ?? `0x${code.toString(16).padStart(2, "0")}`}`);
    }
    instruction(machine, cursor);
    if (cursor.position > limit) throw cursor.refuse(`a pickle of more than ${largestPickle} bytes`);
  }
  return machine.result();
}
