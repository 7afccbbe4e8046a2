/* SPDX-License-Identifier: Apache-2.0
 *
 * The class of an A64 instruction, from its word: what `make bench` counts by. By the encoding tables of the Arm ARM
 * (C4.1); what is in none of the classes (arithmetic, moves, floating point, hints) is `rest`.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* X(constant, name in the output). What costs differently on a processor is kept apart; docs/benchmarks.md says how. */
#define INSTRUCTION_CLASSES(X)                                                         \
  X(REST, rest)                                                                        \
  X(LOAD, load)                                                                        \
  X(STORE, store)                                                                      \
  X(EXCLUSIVE, exclusive) /* with a monitor or an order: LDXR, STLR, CAS, LDADD ... */ \
  X(BRANCH, branch)                                                                    \
  X(MRS, mrs)                                                                          \
  X(MSR, msr)                                                                          \
  X(ISB, isb)                                                                          \
  X(DSB, dsb)                                                                          \
  X(DMB, dmb)                                                                          \
  X(TLBI, tlbi)                                                                        \
  X(CACHE, cache)         /* DC, IC, AT */                                             \
  X(EXCEPTION, exception) /* SVC, HVC, SMC, ERET */

enum instruction_class {
#define X(constant, name) CLASS_##constant,
  INSTRUCTION_CLASSES(X)
#undef X
      CLASS_COUNT
};

static inline bool matches(uint32_t word, uint32_t mask, uint32_t value) { return (word & mask) == value; }

static inline enum instruction_class class_of_memory_access(uint32_t word) {
  const bool load_bit = word >> 22 & 1;
  if (matches(word, 0x3f000000, 0x08000000)) return CLASS_EXCLUSIVE;
  if (matches(word, 0x3b200c00, 0x38200000)) return CLASS_EXCLUSIVE; /* atomic memory operations */
  if (matches(word, 0x3b000000, 0x18000000)) return CLASS_LOAD;      /* literal */
  if (matches(word, 0x3a000000, 0x28000000) || matches(word, 0xbe000000, 0x0c000000))
    return load_bit ? CLASS_LOAD : CLASS_STORE; /* pairs; vector structures */
  if (word >> 26 & 1) return load_bit ? CLASS_LOAD : CLASS_STORE;
  return (word >> 22 & 3) != 0 ? CLASS_LOAD : CLASS_STORE; /* opc: 0 stores, the others load or prefetch */
}

static inline enum instruction_class class_of_system_instruction(uint32_t word) {
  const unsigned op0 = word >> 19 & 3, crn = word >> 12 & 15, op2 = word >> 5 & 7;
  if (op0 >= 2) return (word >> 21 & 1) ? CLASS_MRS : CLASS_MSR;
  if (op0 == 1) return crn == 8 ? CLASS_TLBI : crn == 7 ? CLASS_CACHE : CLASS_REST;
  if (crn == 4) return CLASS_MSR; /* to a field of PSTATE */
  if (crn != 3) return CLASS_REST;
  return op2 == 6 ? CLASS_ISB : op2 == 4 ? CLASS_DSB : op2 == 5 ? CLASS_DMB : CLASS_REST;
}

static inline enum instruction_class instruction_class_of(uint32_t word) {
  if (matches(word, 0x0a000000, 0x08000000)) return class_of_memory_access(word);
  if (!matches(word, 0x1c000000, 0x14000000)) return CLASS_REST;
  if (matches(word, 0xff000000, 0xd4000000) || word == 0xd69f03e0) return CLASS_EXCEPTION;
  if (matches(word, 0xffc00000, 0xd5000000)) return class_of_system_instruction(word);
  return CLASS_BRANCH;
}
