// SPDX-License-Identifier: Apache-2.0
//
// The walk over an image's nodes: a visitor sees what it asks for, in document order, and nothing else; its defect
// carries the place.
#include "test/fakes/host_prelude.hpp"

#include "boot/image_nodes.hpp"

#include "test/fakes/system_image_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::ImageDescription;

template <typename Visitor>
ImageDefect walk(const Blob& blob, Visitor& visitor) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data() + ImageDescription::kHeader, tree), DeviceTreeDefect::None);
  ImageReader reader(tree);
  return for_each_node(reader, visitor);
}

struct All {
  std::string seen;
  ImageDefect object(const ObjectNode& node) { return note("o:" + std::string(node.name)); }
  ImageDefect silo(const SiloNode& node) { return note("s:" + std::string(node.name)); }
  ImageDefect region(const RegionNode& node) { return note("r:" + std::string(node.name)); }
  ImageDefect thread(const ThreadNode& node) { return note("t:" + std::string(node.name)); }
  ImageDefect capability(const CapabilityNode& node) { return note("c" + std::to_string(node.slot)); }
  ImageDefect note(const std::string& text) {
    seen += text + " ";
    return {};
  }
};

struct ObjectsOnly {
  std::string seen;
  ImageDefect object(const ObjectNode& node) {
    seen += std::string(node.name) + " ";
    return {};
  }
};

struct CapabilitiesOnly {
  std::string seen;
  ImageDefect silo(const SiloNode& node) {
    seen += std::string(node.name) + " ";
    return {};
  }
  ImageDefect capability(const CapabilityNode& node) {
    seen += std::to_string(node.slot) + " ";
    return node.slot == 4 ? ImageDefect{"not the fourth", {}, "", {}} : ImageDefect{};
  }
};

TEST(ImageNodes, everything_is_visited_in_document_order) {
  All all;
  EXPECT_FALSE(walk(ImageDescription().build(), all));
  EXPECT_EQ(all.seen,
            "o:command o:samples s:first r:text r:data r:constants r:stack t:main c1 c2 c3 "
            "s:second r:text r:data r:constants r:stack t:main c1 c2 c3 c4 ");
}

TEST(ImageNodes, a_visitor_sees_only_what_it_asks_for) {
  ObjectsOnly objects;
  EXPECT_FALSE(walk(ImageDescription().build(), objects));
  EXPECT_EQ(objects.seen, "command samples ");
}

TEST(ImageNodes, a_defect_stops_the_walk_and_carries_its_place) {
  CapabilitiesOnly capabilities;
  const Blob blob = ImageDescription().build();
  const ImageDefect defect = walk(blob, capabilities);
  EXPECT_EQ(capabilities.seen, "first 1 2 3 second 1 2 3 4 ");
  EXPECT_STREQ(defect.text, "not the fourth");
  EXPECT_EQ(defect.silo, "second");
  EXPECT_STREQ(defect.kind, "capability");
  EXPECT_EQ(defect.name, "something");
}

}  // namespace
}  // namespace boot
