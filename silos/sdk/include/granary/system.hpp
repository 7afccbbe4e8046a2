// SPDX-License-Identifier: Apache-2.0
//
// System: the verdict, and what an operator may do (observe.hpp).
#pragma once

#include <cstdint>

#include "granary/objects.hpp"

namespace granary {

/// The system as a whole: to say whether it passed (`verdict`), to look at it and to stop silos (`operator`).
class System : public Handle {
 public:
  using Handle::Handle;
  /// 0 is passed. Ends the machine if it was started with `once`; otherwise the system goes on.
  Result<void> verdict(std::uint64_t status) const {
    return detail::checked(granary_system_verdict(value(), status), SystemCall::SYSTEM_VERDICT);
  }
  /// kInvalidArgument: there is no such silo; kNotFound: it has stopped already.
  Result<void> kill(std::uint32_t silo) const {
    return detail::checked(granary_system_kill(value(), silo), SystemCall::SYSTEM_KILL);
  }
  // Calls visit(record) for each; what it is given lies in the thread's message page, as a batch does (observe.hpp).
  template <typename Visit>
  Result<void> each_silo(Visit visit) const;
  template <typename Visit>
  Result<void> each_thread(Visit visit) const;
  template <typename Visit>
  Result<void> each_capability(std::uint32_t silo, Visit visit) const;
};

/// Stands for the handle `system` in a silo that does not have it, so that the compiler says what is missing.
struct NoSystem {
  template <typename Status>
  Result<void> verdict(Status) const {
    static_assert(sizeof(Status) == 0, "this silo has no handle `system`: add `verdict = true` to it in the manifest");
    return {};
  }
};

}  // namespace granary
