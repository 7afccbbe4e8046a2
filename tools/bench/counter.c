/* SPDX-License-Identifier: Apache-2.0
 *
 * A QEMU plugin that counts the guest's instructions by class (instruction_class.h), for each processor by itself, and
 * writes lines to a file (tools/bench/plugin_output.py reads them):
 *
 *   window row=R operations=N kernel.load=... silo.load=...
 *     What ran between `mov x20, x20` and `mov x21, x21` on one processor, the markers not counted; R was in X19 and N
 *     in X22 at the first of them.
 *   elsewhere row=R spinning=N kernel.load=... silo.load=...
 *     What the other processors ran in that time; and how many of all that, also on the processor of the window, only
 *     spun for the lock. Left out if it is all 0.
 *   windowstay row=R cause=... count=... sum=... shortest=... longest=... stretch=...
 *     Stays in the kernel within that window.
 *   stay cause=... (the same)
 *     All stays of the run. The cause of one that began at the vectors of a core that traces begins with `traced.`.
 *   boot instructions=N
 *     From the kernel's first instruction to a silo's first.
 *   profile address=A count=N
 *     With profile=R: how often the kernel's instruction at A ran, on any processor, in windows of row R.
 *
 * A stay lasts from the first instruction at a vector to the ERET, both counted; WFI ends it, and what runs after that
 * is a stay with the cause `idle`. A stretch is the part of a stay in which the kernel does not look for interrupts: it
 * also ends at each call of the function at `poll=`. The kernel is told by its addresses (docs/decisions/0001). What is
 * below them is a silo's, once a silo has begun where all of them do (silos/sdk/silo.ld); the start-up code of the
 * kernel and a boot loader run before that.
 *
 * A call of the function at `lock=` takes as many instructions as its shortest one has taken; what is above that, with
 * those of the functions at `wait=` and at `hint=` that it goes on to while it waits, has spun.
 *
 * Arguments: out=FILE  poll=ADDRESS  traced=ADDRESS (of those vectors)  entry=WORDS (the first instructions at the
 * kernel's entry, with `-` between; one block must hold them)  lock=BEGIN-END  wait=BEGIN-END  hint=BEGIN-END
 *  profile=R. Numbers are
 * hexadecimal, R is decimal.
 * Invariant: counting changes nothing in the guest. Instructions are counted one by one, by a call each, so the sums
 * are exact also where a block is left in its midst. (Not by counters that generated code adds to: with -icount and
 * several processors, QEMU 10.0.2 dies of those. There it also names the processor for which a block was translated,
 * not the one that runs it; so each block of the kernel asks a register which one that is.)
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address_range.h"
#include "instruction_class.h"
#include "qemu_plugin_api.h"
#include "stays.h"

enum { SILO, KERNEL, SIDES };                             /* who an instruction belongs to */
enum { MAXIMUM_PROCESSORS = 8, MAXIMUM_ENTRY_WORDS = 8 }; /* of a machine; of entry= */
enum { PROFILED_INSTRUCTIONS = 1 << 20 };                 /* more than a kernel's text has */
static const uint64_t kernel_begins = UINT64_C(0x4000000000), silos_begin = 0x10000;
static const uint32_t marker_opens = 0xaa1403f4, marker_closes = 0xaa1503f5, wait_for_interrupt = 0xd503207f;
static const char* const side_names[SIDES] = {"silo", "kernel"};
static const char* const class_names[CLASS_COUNT] = {
#define X(constant, name) #name,
    INSTRUCTION_CLASSES(X)
#undef X
};

struct counts {
  uint64_t of[SIDES * CLASS_COUNT]; /* place_of() */
};

struct processor {
  struct counts now, opened[MAXIMUM_PROCESSORS]; /* opened: those of each processor when the window was */
  uint64_t in_lock, spun_when_opened;            /* in_lock: instructions of the last call of the lock, so far */
  bool window_is_open, has_been_in_kernel, has_been_in_silo, is_booting;
  uint64_t row, operations;
  uint64_t boot_began;
  bool in_stay;
  unsigned cause;
  uint64_t stay_began, stretch_began, stretch_longest; /* in instructions of the kernel */
  struct stays run[CAUSES], window[CAUSES];
  struct qemu_plugin_register *x8, *x19, *x22, *syndrome, *affinity, *stack;
};

static struct processor processors[MAXIMUM_PROCESSORS];
static unsigned processor_count, running; /* running: the one that runs the block */
enum { PLACE_BITS = 7, STACK_PLACES = 4096 };
struct stack_place {
  uint64_t place, owner;
};
static struct stack_place stack_places[STACK_PLACES];
static GByteArray* register_bytes;
static FILE* out;
static uint64_t poll_address, traced_vectors = ~UINT64_C(0);
static struct range lock, hint, wait;
static uint64_t shortest_lock = ~UINT64_C(0), spun_by_all;
static uint64_t row_is_open, profiled_row, profile[PROFILED_INSTRUCTIONS]; /* by distance from kernel_begins */
static uint32_t entry_words[MAXIMUM_ENTRY_WORDS];
static unsigned entry_word_count;

static unsigned place_of(int side, int class) { return (unsigned)(side * CLASS_COUNT + class); }
static const struct counts* counts_of(unsigned vcpu) { return &processors[vcpu].now; }
static uint64_t total(const struct counts* counts, int side) {
  uint64_t sum = 0;
  for (int i = 0; i < CLASS_COUNT; ++i) sum += counts->of[place_of(side, i)];
  return sum;
}
static uint64_t kernel_total(unsigned vcpu) { return total(counts_of(vcpu), KERNEL); }
static uint64_t all_total(unsigned vcpu) { return kernel_total(vcpu) + total(counts_of(vcpu), SILO); }

/* QEMU runs one processor at a time in the modes that `make bench` uses, so one buffer is enough. */
static uint64_t read_register(struct qemu_plugin_register* name) {
  uint64_t value = 0;
  if (name == NULL) return ~UINT64_C(0);
  g_byte_array_set_size(register_bytes, 0);
  qemu_plugin_read_register(name, register_bytes);
  memcpy(&value, register_bytes->data, register_bytes->len < sizeof value ? register_bytes->len : sizeof value);
  return value;
}

/* --- stays --- */

static void end_stretch(struct processor* processor, uint64_t now) {
  const uint64_t length = now - processor->stretch_began;
  if (length > processor->stretch_longest) processor->stretch_longest = length;
  processor->stretch_began = now;
}
static void begin_stay(struct processor* processor, uint64_t now, unsigned cause) {
  processor->in_stay = true;
  processor->cause = cause;
  processor->stay_began = processor->stretch_began = now;
  processor->stretch_longest = 0;
}
static void end_stay(struct processor* processor, uint64_t now) {
  if (!processor->in_stay) return;
  processor->in_stay = false;
  end_stretch(processor, now);
  const uint64_t length = now - processor->stay_began;
  add_stay(&processor->run[processor->cause], length, processor->stretch_longest);
  if (processor->window_is_open) add_stay(&processor->window[processor->cause], length, processor->stretch_longest);
}
static unsigned cause_at_vector(const struct processor* processor, uint64_t address) {
  const unsigned first = address - traced_vectors < 0x800 ? CAUSES_PLAIN : 0;
  if ((address & 0x7ff) == 0x480) return first + CAUSE_INTERRUPT;
  const unsigned kind = read_register(processor->syndrome) >> 26 & 63;
  if (kind != 0x15) return first + CAUSE_EXCEPTION + kind;
  const uint64_t call = read_register(processor->x8);
  return first + (call < CALLS ? (unsigned)call : CAUSE_UNKNOWN_CALL);
}

/* --- what generated code calls; `named` is the processor that QEMU names --- */

/* SP is within the kernel stack of a core, or it is a thread, which lives on one core; so where it points says who
 * runs. What it says is what VMPIDR_EL2 said there first, as at reset the number of the processor: reading that each
 * time would be slow. Nobody writes it, because silos run at EL0. */
static void note_who_runs_kernel(unsigned named) {
  running = named;
  if (processor_count == 1) return;
  const uint64_t place = read_register(processors[named].stack) >> PLACE_BITS; /* threads are larger than that */
  struct stack_place* known = &stack_places[place % STACK_PLACES];
  if (known->place != place) {
    known->place = place;
    known->owner = read_register(processors[named].affinity) & (MAXIMUM_PROCESSORS - 1);
  }
  running = (unsigned)known->owner;
}

static void on_instruction(unsigned named, void* place) {
  (void)named;
  ++processors[running].now.of[(uintptr_t)place];
}

static void on_kernel_block(unsigned named, void* address) {
  note_who_runs_kernel(named);
  struct processor* processor = &processors[running];
  processor->has_been_in_kernel = true;
  if (processor->in_stay || !processor->has_been_in_silo) return;
  begin_stay(processor, kernel_total(running),
             ((uint64_t)address & 0x7f) == 0 ? cause_at_vector(processor, (uint64_t)address) : CAUSE_IDLE);
}
static void on_silo_block(unsigned named, void* address) {
  running = named; /* a silo lives on one core */
  struct processor* processor = &processors[running];
  if (!processor->has_been_in_silo) {
    if (!processor->has_been_in_kernel || (uint64_t)address != silos_begin) return;
    processor->has_been_in_silo = true;
    if (processor->is_booting)
      fprintf(out, "boot instructions=%" PRIu64 "\n", all_total(running) - processor->boot_began);
  }
  end_stay(processor, kernel_total(running));
}
static void on_kernel_entry(unsigned named, void* unused) {
  (void)named, (void)unused;
  processors[running].is_booting = true;
  processors[running].boot_began = all_total(running);
}
static void on_poll(unsigned named, void* unused) {
  (void)named, (void)unused;
  if (processors[running].in_stay) end_stretch(&processors[running], kernel_total(running));
}
static void on_profiled(unsigned named, void* place) {
  (void)named;
  if (row_is_open == profiled_row) ++profile[(uintptr_t)place];
}
static void on_wait(unsigned named, void* unused) {
  (void)named, (void)unused;
  end_stay(&processors[running], kernel_total(running));
}

static void on_lock_begins(unsigned named, void* unused) {
  (void)named;
  struct processor* processor = &processors[running];
  (void)unused;
  if (processor->in_lock != 0 && processor->in_lock < shortest_lock) shortest_lock = processor->in_lock;
  processor->in_lock = 0;
}
static void on_lock_instruction(unsigned named, void* unused) {
  (void)named, (void)unused;
  if (++processors[running].in_lock > shortest_lock) ++spun_by_all;
}

static void on_window_opens(unsigned named, void* unused) {
  (void)named;
  struct processor* processor = &processors[running];
  (void)unused;
  if (processor->window_is_open)
    fprintf(out, "error a window opens within another, of row %" PRIu64 "\n", processor->row);
  processor->window_is_open = true;
  processor->row = row_is_open = read_register(processor->x19);
  processor->operations = read_register(processor->x22);
  memset(processor->window, 0, sizeof processor->window);
  for (unsigned i = 0; i < MAXIMUM_PROCESSORS; ++i) processor->opened[i] = *counts_of(i);
  processor->spun_when_opened = spun_by_all;
}
/* Adds to `sum` what a processor has run since the window was opened. */
static void add_since(struct counts* sum, const struct processor* window, unsigned vcpu) {
  for (unsigned i = 0; i < SIDES * CLASS_COUNT; ++i) sum->of[i] += counts_of(vcpu)->of[i] - window->opened[vcpu].of[i];
}
static void print_counts(const struct counts* counts) {
  for (int side = 0; side < SIDES; ++side) {
    for (int i = 0; i < CLASS_COUNT; ++i)
      fprintf(out, " %s.%s=%" PRIu64, side_names[side], class_names[i], counts->of[place_of(side, i)]);
  }
  fputc('\n', out);
}
static void on_window_closes(unsigned named, void* unused) {
  (void)named;
  struct processor* processor = &processors[running];
  struct counts here = {0}, elsewhere = {0};
  (void)unused;
  if (!processor->window_is_open) return;
  processor->window_is_open = false;
  row_is_open = 0;
  for (unsigned i = 0; i < MAXIMUM_PROCESSORS; ++i) add_since(i == running ? &here : &elsewhere, processor, i);
  fprintf(out, "window row=%" PRIu64 " operations=%" PRIu64, processor->row, processor->operations);
  print_counts(&here);
  const uint64_t spinning = spun_by_all - processor->spun_when_opened;
  if (spinning + total(&elsewhere, KERNEL) + total(&elsewhere, SILO) != 0) {
    fprintf(out, "elsewhere row=%" PRIu64 " spinning=%" PRIu64, processor->row, spinning);
    print_counts(&elsewhere);
  }
  char word[64];
  snprintf(word, sizeof word, "windowstay row=%" PRIu64, processor->row);
  print_stays(out, word, processor->window);
}

/* --- translation: which of the above is called where --- */

static bool is_kernel_entry(struct qemu_plugin_tb* block, size_t first, size_t count) {
  if (entry_word_count == 0 || first + entry_word_count > count) return false;
  for (unsigned i = 0; i < entry_word_count; ++i) {
    uint32_t word = 0;
    qemu_plugin_insn_data(qemu_plugin_tb_get_insn(block, first + i), &word, sizeof word);
    if (word != entry_words[i]) return false;
  }
  return true;
}

static void instrument(struct qemu_plugin_insn* instruction, int side) {
  uint32_t word = 0;
  qemu_plugin_insn_data(instruction, &word, sizeof word);
  if (word == marker_opens) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_window_opens, QEMU_PLUGIN_CB_R_REGS, NULL);
    return;
  }
  if (word == marker_closes) {
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_window_closes, QEMU_PLUGIN_CB_R_REGS, NULL);
    return;
  }
  const unsigned place = place_of(side, instruction_class_of(word));
  qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_instruction, QEMU_PLUGIN_CB_NO_REGS, (void*)(uintptr_t)place);
  if (side != KERNEL) return;
  if (word == wait_for_interrupt)
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_wait, QEMU_PLUGIN_CB_NO_REGS, NULL);
  const uint64_t at = qemu_plugin_insn_vaddr(instruction);
  if (is_in(lock, at) || is_in(hint, at) || is_in(wait, at)) {
    if (at == lock.begin)
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_lock_begins, QEMU_PLUGIN_CB_NO_REGS, NULL);
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_lock_instruction, QEMU_PLUGIN_CB_NO_REGS, NULL);
  }
  const uint64_t profile_place = (qemu_plugin_insn_vaddr(instruction) - kernel_begins) / 4;
  if (profiled_row != 0 && profile_place < PROFILED_INSTRUCTIONS)
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_profiled, QEMU_PLUGIN_CB_NO_REGS, (void*)profile_place);
  if (qemu_plugin_insn_vaddr(instruction) == poll_address)
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_poll, QEMU_PLUGIN_CB_NO_REGS, NULL);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb* block) {
  (void)id;
  const uint64_t address = qemu_plugin_tb_vaddr(block);
  const int side = address >= kernel_begins ? KERNEL : SILO;
  /* Registers are read at vectors and to know who runs; it is slow. */
  const bool reads_registers = (address & 0x7f) == 0 || (side == KERNEL && processor_count > 1);
  qemu_plugin_register_vcpu_tb_exec_cb(block, side == KERNEL ? on_kernel_block : on_silo_block,
                                       reads_registers ? QEMU_PLUGIN_CB_R_REGS : QEMU_PLUGIN_CB_NO_REGS,
                                       (void*)address);
  const size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; ++i) {
    struct qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, i);
    if (is_kernel_entry(block, i, count))
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_kernel_entry, QEMU_PLUGIN_CB_NO_REGS, NULL);
    instrument(instruction, side);
  }
}

/* --- beginning and end --- */

static void on_processor(qemu_plugin_id_t id, unsigned vcpu) {
  (void)id;
  if (vcpu >= MAXIMUM_PROCESSORS) {
    fprintf(stderr, "counter: more than %d processors\n", MAXIMUM_PROCESSORS);
    exit(1);
  }
  struct processor* processor = &processors[vcpu];
  processor_count = vcpu + 1 > processor_count ? vcpu + 1 : processor_count;
  const GArray* registers = qemu_plugin_get_registers();
  const qemu_plugin_reg_descriptor* all = (const qemu_plugin_reg_descriptor*)(void*)registers->data;
  for (unsigned i = 0; i < registers->len; ++i) {
    if (strcmp(all[i].name, "x8") == 0) processor->x8 = all[i].handle;
    if (strcmp(all[i].name, "x19") == 0) processor->x19 = all[i].handle;
    if (strcmp(all[i].name, "x22") == 0) processor->x22 = all[i].handle;
    if (strcmp(all[i].name, "ESR_EL2") == 0) processor->syndrome = all[i].handle;
    if (strcmp(all[i].name, "sp") == 0) processor->stack = all[i].handle;
    if (strcmp(all[i].name, "VMPIDR_EL2") == 0) processor->affinity = all[i].handle;
  }
}

static void on_exit_of_machine(qemu_plugin_id_t id, void* unused) {
  (void)id;
  (void)unused;
  for (unsigned vcpu = 0; vcpu < MAXIMUM_PROCESSORS; ++vcpu) {
    if (processors[vcpu].window_is_open)
      fprintf(out, "error the window of row %" PRIu64 " never closed\n", processors[vcpu].row);
    print_stays(out, "stay", processors[vcpu].run);
  }
  for (uint64_t place = 0; place < PROFILED_INSTRUCTIONS; ++place) {
    if (profile[place] == 0) continue;
    fprintf(out, "profile address=%" PRIu64 " count=%" PRIu64 "\n", kernel_begins + 4 * place, profile[place]);
  }
  fputs("end\n", out);
  fclose(out);
}

/* What stands behind `name`, NULL if the argument is another one. */
static const char* value_of(const char* argument, const char* name) {
  return strncmp(argument, name, strlen(name)) == 0 ? argument + strlen(name) : NULL;
}

static bool take_argument(const char* argument) {
  const char* value;
  if ((value = value_of(argument, "out=")) != NULL) return (out = fopen(value, "w")) != NULL;
  if ((value = value_of(argument, "poll=")) != NULL) {
    poll_address = strtoull(value, NULL, 16);
  } else if ((value = value_of(argument, "lock=")) != NULL) {
    lock = range_of(value);
  } else if ((value = value_of(argument, "wait=")) != NULL) {
    wait = range_of(value);
  } else if ((value = value_of(argument, "hint=")) != NULL) {
    hint = range_of(value);
  } else if ((value = value_of(argument, "profile=")) != NULL) {
    profiled_row = strtoull(value, NULL, 10);
  } else if ((value = value_of(argument, "traced=")) != NULL) {
    traced_vectors = strtoull(value, NULL, 16);
  } else if ((value = value_of(argument, "entry=")) != NULL) {
    for (char* at = (char*)value; *at != '\0' && entry_word_count < MAXIMUM_ENTRY_WORDS; at += *at == '-')
      entry_words[entry_word_count++] = (uint32_t)strtoul(at, &at, 16);
  } else {
    return false;
  }
  return true;
}

PLUGIN_EXPORT int qemu_plugin_version = PLUGIN_API_LEVEL;
PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  (void)info;
  for (int i = 0; i < argc; ++i) {
    if (take_argument(argv[i])) continue;
    fprintf(stderr, "counter: `%s`: not an argument of this plugin, or not a file that can be written\n", argv[i]);
    return 1;
  }
  if (out == NULL) out = stderr;
  register_bytes = g_byte_array_new();
  qemu_plugin_register_vcpu_init_cb(id, on_processor);
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_atexit_cb(id, on_exit_of_machine, NULL);
  return 0;
}
