// SPDX-License-Identifier: Apache-2.0
//
// What the C++ library's headers ask of threads. A silo can have several (`threads` in the manifest), so reference
// counts have to be atomic: __gthread_active_p says that there are threads. The library's own mutexes are declared and
// nowhere defined, so using one is a link error; granary::Mutex is the one for silos.
#pragma once
#define __GTHREADS 1
#define __GTHREAD_MUTEX_INIT \
  { 0 }
#define __GTHREAD_RECURSIVE_MUTEX_INIT \
  { 0 }

struct __gthread_mutex_t {
  int unused;
};
using __gthread_recursive_mutex_t = __gthread_mutex_t;
using __gthread_once_t = int;

inline int __gthread_active_p() { return 1; }

extern "C" {
int __gthread_mutex_lock(__gthread_mutex_t*);
int __gthread_mutex_unlock(__gthread_mutex_t*);
int __gthread_recursive_mutex_lock(__gthread_recursive_mutex_t*);
int __gthread_recursive_mutex_unlock(__gthread_recursive_mutex_t*);
}
