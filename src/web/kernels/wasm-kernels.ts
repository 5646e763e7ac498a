/** The kernels as compiled from native/wasm. */
import type { Kernels, Memory } from "./kernels.js";
import { tooLarge } from "./plain-memory.js";
import { relaxedModule, simdModule } from "./wasm-modules.js";

// The part of WebAssembly's interface that is used: neither Node's types nor the language's have it.
declare const WebAssembly:
  | {
      validate(bytes: Uint8Array): boolean;
      instantiate(bytes: Uint8Array): Promise<{ readonly instance: { readonly exports: WasmExports } }>;
    }
  | undefined;

interface WasmExports extends Omit<Kernels, "memory" | "dense"> {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  readonly dense?: Kernels["dense"];
  readonly __heap_base: { readonly value: number };
}

/** Modules from the fastest on. */
const modules = { "wasm-relaxed-simd": relaxedModule, "wasm-simd": simdModule } as const;

/** What a module needs of the engine that runs it. */
export type WasmEngine = keyof typeof modules;

/** Engines that this browser or Node accepts, from the fastest on. */
export function wasmEngines(): WasmEngine[] {
  if (typeof WebAssembly === "undefined") return [];
  return (Object.keys(modules) as WasmEngine[]).filter((name) =>
    WebAssembly!.validate(decoded(modules[name])),
  );
}

/** Kernels with a memory of their own. @param engine - one of {@link wasmEngines} */
export async function wasmKernels(engine: WasmEngine): Promise<Kernels> {
  const { instance } = await WebAssembly!.instantiate(decoded(modules[engine]));
  const { exports } = instance;
  return { ...exports, dense: exports.dense, memory: memoryOf(exports) };
}

function memoryOf({ memory, __heap_base: heap }: WasmExports): Memory {
  return {
    start: heap.value,
    get buffer() {
      return memory.buffer;
    },
    reserve(bytes) {
      const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
      if (missing <= 0) return;
      try {
        memory.grow(missing);
      } catch (cause) {
        throw tooLarge(bytes, cause);
      }
    },
  };
}

const pageBytes = 65_536;

const decoded = (base64: string) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
