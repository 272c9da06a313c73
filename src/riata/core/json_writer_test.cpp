#include "riata/core/json_writer.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace riata {
namespace {

TEST(JsonWriter, WritesWhatAReaderReads) {
  JsonWriter out;
  out.begin_object();
  out.member("a", 1.0);
  out.member("b", std::vector<double>{0.1, std::numeric_limits<double>::infinity(), -1e300});
  out.member("c", "x\"\n</script>\x1b");
  out.key("d");
  out.begin_array();
  out.begin_object();
  out.end_object();
  out.value(Index{7});
  out.value(true);
  out.end_array();
  out.null_member("e");
  out.end_object();
  EXPECT_EQ(out.text(), R"({"a":1.0,"b":[0.1,null,-1e+300],"c":"x\"\n</script>\u001b","d":[{},7,true],"e":null})");
  EXPECT_EQ(nlohmann::json::parse(out.text())["b"][0].get<double>(), 0.1);
}

TEST(JsonWriter, BytesThatAreNoTextAreReplaced) { EXPECT_EQ(json_string("a\xff"), "\"a\uFFFD\""); }

}  // namespace
}  // namespace riata
