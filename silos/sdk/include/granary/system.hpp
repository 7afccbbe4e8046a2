// SPDX-License-Identifier: Apache-2.0
//
// System: the verdict, and what an operator may do (observe.hpp).
#pragma once

#include <cstdint>

#include "granary/objects.hpp"

namespace granary {

/// What has become of a silo so far.
struct SiloLife {
  std::uint64_t restarts;     ///< times that it was started again
  bool comes_back;            ///< it has ended, and will
  Clock::time_point started;  ///< last
  abi::SiloState last_end;    ///< how it ended last; Ready: it never has
  std::uint64_t why;          ///< exit status, abi::FaultKind, or the silo that stopped it
  std::uint32_t image;        ///< that it runs, or has run last: 0 is its `program`, others in the manifest's order
  std::uint32_t images;       ///< how many it has
};

/// One of a silo's programs. An operator's `handles.hpp` has those of the manifest by name: images::SILO::NAME; the one
/// that runs after boot is called `main`.
struct Image {
  std::uint32_t silo;
  std::uint32_t number;  ///< 0 is its `program`, others in the manifest's order
};

/// One of them with its name, for who lets somebody choose: the `handles.hpp` of an operator has granary::kNamedImages.
struct NamedImage {
  const char* name;
  Image image;
};

/// What there is in the whole system of everything that silos make.
struct ObjectCounts {
  std::uint64_t kernel_pages, silo_pages;  ///< left
  std::uint64_t objects, messages, mappings, bindings, transfers, message_slots;
  bool operator==(const ObjectCounts&) const = default;
};

/// The system as a whole: to say whether it passed (`verdict`), to look at it and to stop silos (`operator`). A silo is
/// meant by its number; an operator's `handles.hpp` has them by name: silos::NAME.
class System : public Handle {
 public:
  using Handle::Handle;
  /// 0 is passed. Ends the machine if it was started with `once`; otherwise the system goes on.
  Result<void> verdict(std::uint64_t status) const {
    return detail::checked(granary_system_verdict(value(), status), SystemCall::SYSTEM_VERDICT);
  }
  /// Stops it for good, also if it was to come back. kInvalidArgument: there is no such silo; kNotFound: it has stopped
  /// already.
  Result<void> kill(std::uint32_t silo) const {
    return detail::checked(granary_system_kill(value(), silo), SystemCall::SYSTEM_KILL);
  }
  /// One that has stopped, or that is to come back, runs anew; returns when it does. kExists: it runs already;
  /// kPeerGone: it was stopped before it did.
  Result<void> start(std::uint32_t silo) const {
    return detail::checked(granary_system_start(value(), silo), SystemCall::SYSTEM_START);
  }
  /// The same for any: one that runs is stopped first, and its peers are told that it comes back.
  Result<void> restart(std::uint32_t silo) const {
    return detail::checked(granary_system_restart(value(), silo), SystemCall::SYSTEM_RESTART);
  }
  Result<SiloLife> life(std::uint32_t silo) const {
    granary_system_life_result raw;
    const granary_status status = granary_system_life(value(), silo, &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SYSTEM_LIFE);
    return SiloLife{raw.restarts,
                    raw.comes_back != 0,
                    Clock::from_ticks(raw.started),
                    static_cast<abi::SiloState>(raw.ended),
                    raw.why,
                    static_cast<std::uint32_t>(raw.image),
                    static_cast<std::uint32_t>(raw.images)};
  }
  /// The same as restart(), with that image, which later restarts load as well. kInvalidArgument: there is no such silo
  /// or image, and the error's message says which of the two; kDamaged: the image is, and the silo goes on with what it
  /// has; kBusy: another one is being verified.
  Result<void> replace(Image image) const {
    const Result<void> done =
        detail::checked(granary_system_replace(value(), image.silo, image.number), SystemCall::SYSTEM_REPLACE);
    if (!done && done.error() == kInvalidArgument)
      if (const Result<SiloLife> known = life(image.silo); !known && known.error() == kInvalidArgument)
        return known.error();
    return done;
  }
  Result<void> replace(std::uint32_t silo, std::uint32_t image) const { return replace(Image{silo, image}); }
  Result<ObjectCounts> objects() const {
    granary_system_objects_result raw;
    const granary_status status = granary_system_objects(value(), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SYSTEM_OBJECTS);
    return ObjectCounts{raw.pages_left_to_the_kernel,
                        raw.pages_left_to_silos,
                        raw.objects,
                        raw.messages_queued,
                        raw.mappings,
                        raw.bindings,
                        raw.capabilities_on_their_way,
                        raw.message_slots_reserved};
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
  // What an operator may do.
  template <typename Silo>
  Result<void> kill(Silo) const {
    return for_operators<Silo>();
  }
  template <typename Silo>
  Result<void> start(Silo) const {
    return for_operators<Silo>();
  }
  template <typename Silo>
  Result<void> restart(Silo) const {
    return for_operators<Silo>();
  }
  template <typename Silo, typename Image>
  Result<void> replace(Silo, Image) const {
    return for_operators<Silo>();
  }
  template <typename Silo>
  Result<SiloLife> life(Silo) const {
    return for_operators<Silo, SiloLife>();
  }
  template <typename Missing = void>
  Result<ObjectCounts> objects() const {
    return for_operators<Missing, ObjectCounts>();
  }
  template <typename Visit>
  Result<void> each_silo(Visit) const {
    return for_operators<Visit>();
  }
  template <typename Visit>
  Result<void> each_thread(Visit) const {
    return for_operators<Visit>();
  }
  template <typename Silo, typename Visit>
  Result<void> each_capability(Silo, Visit) const {
    return for_operators<Visit>();
  }

 private:
  template <typename>
  static constexpr bool kIsGiven = false;
  template <typename Asked, typename Value = void>
  static Result<Value> for_operators() {
    static_assert(kIsGiven<Asked>, "this silo has no handle `system`: add `operator = true` to it in the manifest");
    return kNotFound;
  }
};

}  // namespace granary
