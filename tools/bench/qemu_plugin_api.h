/* SPDX-License-Identifier: Apache-2.0
 *
 * What counter.c uses of QEMU's interface for TCG plugins, declared here because Debian's QEMU comes without its
 * header: so the plugin needs a C compiler and nothing else. Level 3 (QEMU 9.1 and newer); QEMU refuses a plugin whose
 * level it does not know. Meanings: https://www.qemu.org/docs/master/devel/tcg-plugins.html Two types of GLib appear in
 * the interface. QEMU brings the library; only the layout of two structures is needed.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PLUGIN_API_LEVEL 3
#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;       /* a translated block */
struct qemu_plugin_insn;     /* an instruction of it, valid while the block is translated */
struct qemu_plugin_register; /* names a register of a processor */

typedef struct {
  struct qemu_plugin_register* handle;
  const char* name;
  const char* feature;
} qemu_plugin_reg_descriptor;

typedef struct {
  const char* target_name;
  struct {
    int min, cur;
  } version;
  bool system_emulation;
  union {
    struct {
      int smp_vcpus, max_vcpus;
    } system;
  };
} qemu_info_t;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS };

typedef struct {
  uint8_t* data;
  unsigned len;
} GByteArray;
typedef struct {
  char* data;
  unsigned len;
} GArray;
extern GByteArray* g_byte_array_new(void);
extern GByteArray* g_byte_array_set_size(GByteArray*, unsigned);

typedef void (*qemu_plugin_vcpu_cb)(qemu_plugin_id_t, unsigned vcpu);
typedef void (*qemu_plugin_udata_cb)(qemu_plugin_id_t, void*);
typedef void (*qemu_plugin_vcpu_udata_cb)(unsigned vcpu, void*);
typedef void (*qemu_plugin_translation_cb)(qemu_plugin_id_t, struct qemu_plugin_tb*);

extern void qemu_plugin_register_vcpu_init_cb(qemu_plugin_id_t, qemu_plugin_vcpu_cb);
extern void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_translation_cb);
extern void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_plugin_udata_cb, void*);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb*, qemu_plugin_vcpu_udata_cb,
                                                 enum qemu_plugin_cb_flags, void*);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn*, qemu_plugin_vcpu_udata_cb,
                                                   enum qemu_plugin_cb_flags, void*);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb*);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb*);
extern struct qemu_plugin_insn* qemu_plugin_tb_get_insn(const struct qemu_plugin_tb*, size_t);
extern size_t qemu_plugin_insn_data(const struct qemu_plugin_insn*, void*, size_t);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn*);
extern GArray* qemu_plugin_get_registers(void);
/* Its result differs between levels: what counts is how many bytes it has appended. */
extern int qemu_plugin_read_register(struct qemu_plugin_register*, GByteArray*);
