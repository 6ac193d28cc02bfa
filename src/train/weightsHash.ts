import { toSafetensors } from "../interop/safetensors.ts";
import type { Module } from "../nn/module.ts";

/** The network's state dict as a safetensors file without metadata: the same weights always give the same bytes. */
export const weightsFile = async (model: Module): Promise<Uint8Array<ArrayBuffer>> => toSafetensors(await model.stateDict());

/**
 * SHA-256, in hexadecimal, of the bytes of `weightsFile`: what `sha256sum weights.safetensors` prints for the file in a run's
 * folder. Equal if and only if names, order, shapes and bits of all states are.
 */
export async function weightsSha256(model: Module): Promise<string> {
  return sha256(await weightsFile(model));
}

/** SHA-256 in hexadecimal, by the engine: in pages it needs a secure context (https, or localhost). */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
