// SPDX-License-Identifier: Apache-2.0
//
// The picture of a system: every silo and link is in it, a refused wait cycle is red, and nothing of a name gets into
// the SVG as markup.
#include "test/fakes/host_prelude.hpp"

#include <regex>
#include <set>

#include "tools/granary/generate.hpp"
#include "tools/granary/links.hpp"
#include "tools/granary/svg.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using test::TemporaryManifest;
using testing::HasSubstr;
using testing::Not;

Manifest sample(const std::string& name) {
  Diagnostics diagnostics;
  const Manifest manifest = read_manifest(test::samples(name), diagnostics);
  EXPECT_TRUE(check_manifest(manifest, diagnostics));
  return manifest;
}

TEST(Graph, shows_every_silo_and_link) {
  const Manifest manifest = sample("accepted/everything.toml");
  const std::string picture = graph(manifest);
  for (const Silo& silo : manifest.silos) EXPECT_THAT(picture, HasSubstr(">" + silo.name + "</text>"));
  for (const Link& link : links_of(manifest))
    EXPECT_THAT(picture, HasSubstr("<title>" + link.kind + " " + link.name + "</title>"));
  for (const char* words :
       {"core 0", "64 KiB", "2 ms in 10 ms", "send #7", ">alarm<", ">clock<", "1024 messages each way"})
    EXPECT_THAT(picture, HasSubstr(words));
  EXPECT_THAT(picture, Not(HasSubstr("#c53030"))) << "there is no cycle";
}

TEST(Graph, shows_a_refused_cycle_in_red) {
  const Manifest manifest = sample("refused/wait_cycle_of_three_kinds.toml");
  for (const Link& link : links_of(manifest)) EXPECT_TRUE(link.in_cycle) << link.name;
  EXPECT_THAT(graph(manifest), HasSubstr("Red: silos that can wait for one another for ever."));
}

/// The links that the sentence of the refusal names: "a calls b (port p), b waits for a to make room in channel out".
std::set<std::string> named_by(const std::string& sentence) {
  std::set<std::string> names;
  const std::regex link("(port|channel|notification|semaphore|async) (\\w+)");
  for (std::sregex_iterator at(sentence.begin(), sentence.end(), link), end; at != end; ++at) names.insert((*at)[2]);
  return names;
}

TEST(Graph, shows_every_refused_cycle_in_red_and_nothing_else) {
  unsigned seen = 0;
  for (const auto& file : test::sample_files("refused")) {
    if (!file.stem().string().starts_with("wait_cycle")) continue;
    // With a link that nobody waits at in a circle.
    const TemporaryManifest manifest_file(test::text_of(file) + "\n[silo.apart]\nprogram = \"program.c\"\n" +
                                          "[port.aside]\nowner = \"apart\"\nclients = [\"a\"]\n");
    Diagnostics diagnostics;
    Manifest manifest = read_manifest(manifest_file.file(), diagnostics);
    ASSERT_TRUE(check_manifest(manifest, diagnostics)) << file;
    const std::string said = test::printed(diagnostics);
    ASSERT_THAT(said, HasSubstr("can wait for one another for ever")) << file;
    const std::set<std::string> names = named_by(said.substr(0, said.find('\n')));
    const std::string picture = graph(manifest);
    EXPECT_THAT(picture, HasSubstr("Red: silos that can wait for one another for ever.")) << file;
    for (const Link& link : links_of(manifest)) {
      EXPECT_EQ(link.in_cycle, names.contains(link.name)) << file << ": " << link.name;
      // From the group's title to its end: its lines and words are red, or none is.
      const std::size_t begin = picture.find("<title>" + link.kind + " " + link.name + "</title>");
      const std::string drawn = picture.substr(begin, picture.find("</g>", begin) - begin);
      EXPECT_EQ(drawn.find("#c53030") != std::string::npos, link.in_cycle) << file << ": " << link.name;
    }
    ++seen;
  }
  EXPECT_GE(seen, 10U);
}

TEST(Graph, is_not_drawn_where_names_do_not_exist) {
  Diagnostics diagnostics;
  const Manifest manifest = read_manifest(test::samples("refused/port_client_unknown.toml"), diagnostics);
  EXPECT_FALSE(check_manifest(manifest, diagnostics));
}

TEST(Links, say_who_gives_and_who_takes) {
  const std::vector<Link> links = links_of(sample("accepted/everything.toml"));
  const auto link = [&](const std::string& kind) {
    return *std::find_if(links.begin(), links.end(), [&](const Link& one) { return one.kind == kind; });
  };
  EXPECT_TRUE(link("port").users[0].takes && !link("port").users[0].gives) << "the owner";
  EXPECT_EQ(link("port").users[1].rights, "send #7 in 5 ms");
  EXPECT_TRUE(link("region").users[0].gives && link("region").users[0].takes);
  EXPECT_FALSE(link("region").users[1].gives);
  EXPECT_EQ(link("semaphore").users[0].rights, "posts, waits");
}

TEST(Svg, escapes_what_is_markup) {
  EXPECT_EQ(escaped("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
  Svg svg;
  svg.text(1.25, -0.5, "a<b", "x");
  EXPECT_THAT(svg.picture(1, 1, "t"), HasSubstr("<text x=\"1.3\" y=\"-0.5\" x>a&lt;b</text>"));
}

TEST(Graph, several_silos_without_links_share_a_column) {
  std::string text = "system = \"many\"\n";
  for (const char* name : {"one", "two", "three", "four", "apart"})
    text += std::string("[silo.") + name + "]\nprogram = \"program.c\"\n";
  text += "[silo.judge]\nprogram = \"program.c\"\nobserve = [\"one\", \"two\", \"three\", \"four\"]\n";
  const test::TemporaryManifest file(text);
  Diagnostics diagnostics;
  const std::string svg = graph(test::load(file.file(), diagnostics));
  EXPECT_THAT(svg, testing::HasSubstr("4 silos without links"));
  EXPECT_THAT(svg, testing::HasSubstr(">three<"));
  EXPECT_THAT(svg, testing::HasSubstr("silo apart")) << "nobody observes it: an arrow to the column would say so";
  EXPECT_THAT(svg, testing::HasSubstr("silo judge"));
}

}  // namespace
}  // namespace tool
