#!/usr/bin/env node
/** Entry point of the command line. */
import { runProgram } from "./program.js";

process.exitCode = await runProgram(process.argv.slice(2), { out: process.stdout, err: process.stderr });
