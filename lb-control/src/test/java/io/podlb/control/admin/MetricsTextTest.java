package io.podlb.control.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.podlb.server.metrics.MetricNames;
import io.podlb.server.metrics.ServicePortMetrics;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class MetricsTextTest {

    private static final Pattern COMMENT =
            Pattern.compile("# TYPE (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|summary)");
    private static final Pattern HELP = Pattern.compile("# HELP (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) [A-Z1].*\\.");
    private static final Pattern SAMPLE = Pattern.compile(
            "(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)"
                    + "(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\\n]|\\\\[\\\\n\"])*\",?)+})? (?<value>[-+]?[0-9.]+(E-?[0-9]+)?|NaN)");
    private static final String WEB =
            "{family=\"IPv4\",namespace=\"default\",port=\"\",protocol=\"TCP\",service=\"web\"";

    private final MetricRegistry registry = new MetricRegistry();

    private List<String> lines() {
        return new String(new MetricsText(registry, "1.2.3").now(), StandardCharsets.UTF_8)
                .lines()
                .toList();
    }

    @Test
    void everyLineIsADescriptionATypeOrASampleOfTheTypeAbove() {
        try (ServicePortMetrics metrics = new ServicePortMetrics(registry, Plans.WEB)) {
            metrics.accepted();
            metrics.connected(2_000_000);
            String family = "";
            Set<String> families = new HashSet<>();
            Set<String> samples = new HashSet<>();
            String described = "";
            for (String line : lines()) {
                Matcher help = HELP.matcher(line);
                if (help.matches()) {
                    described = help.group("name");
                    continue;
                }
                Matcher comment = COMMENT.matcher(line);
                Matcher sample = SAMPLE.matcher(line);
                if (comment.matches()) {
                    family = comment.group("name");
                    assertThat(described).as("HELP above %s", line).isEqualTo(family);
                    assertThat(families.add(family))
                            .as("one TYPE for %s", family)
                            .isTrue();
                } else {
                    assertThat(line).matches(SAMPLE);
                    assertThat(sample.matches()).isTrue();
                    assertThat(sample.group("name")).startsWith(family);
                    assertThat(samples.add(line.substring(0, line.lastIndexOf(' '))))
                            .as("once: %s", line)
                            .isTrue();
                }
            }
            assertThat(families)
                    .contains("podlb_connections_total", "podlb_connect_seconds", "podlb_build_info")
                    .contains("jvm_gc_collection_seconds", "jvm_memory_used_bytes", "process_cpu_seconds_total");
        }
    }

    @Test
    void everyMetricOfTheVocabularyHasADescription() throws Exception {
        for (Field constant : MetricNames.class.getFields()) {
            String name = (String) constant.get(null);
            assertThat(MetricHelp.of(name)).as(name).endsWith(".");
        }
    }

    @Test
    void aNumberThatFallsIsNoCounterWhateverItsNameIs() { // 12.2
        String name = "kubeproxy_sync_proxy_rules_no_local_endpoints_total";
        registry.register(name + "{ip_family=IPv4,traffic_policy=internal}", (Gauge<Integer>) () -> 3);
        assertThat(lines())
                .containsSubsequence(
                        "# TYPE " + name + " gauge", name + "{ip_family=\"IPv4\",traffic_policy=\"internal\"} 3.0");
    }

    @Test
    void bucketsAreInSecondsAndAddUp() {
        try (ServicePortMetrics metrics = new ServicePortMetrics(registry, Plans.WEB)) {
            metrics.connected(40_000);
            metrics.connected(2_000_000);
            metrics.connected(2_000_000);
            metrics.connected(60_000_000_000L);
            List<String> buckets = new ArrayList<>();
            for (String line : lines()) {
                if (line.startsWith("podlb_connect_seconds")) {
                    buckets.add(line.replace("podlb_connect_seconds", "").replace(WEB, ""));
                }
            }
            assertThat(buckets)
                    .startsWith("_bucket,le=\"5.0E-5\"} 1", "_bucket,le=\"1.0E-4\"} 1")
                    .containsSubsequence(
                            "_bucket,le=\"0.001\"} 1",
                            "_bucket,le=\"0.0025\"} 3",
                            "_bucket,le=\"5.0\"} 3",
                            "_bucket,le=\"+Inf\"} 4",
                            "_count} 4",
                            "_sum} 60.00404");
        }
    }

    @Test
    void valuesOfLabelsAreEscaped() {
        registry.register("podlb_odd{name=a\"b\\c\nd}", (Gauge<Integer>) () -> 7);
        assertThat(lines()).contains("podlb_odd{name=\"a\\\"b\\\\c\\nd\"} 7.0");
    }

    @Test
    void whatIsNoNumberIsLeftOut() {
        registry.register("podlb_word{name=a}", (Gauge<String>) () -> "seven");
        registry.register("podlb_word{name=b}", (Gauge<Integer>) () -> 7);
        assertThat(lines())
                .filteredOn(line -> line.startsWith("podlb_word"))
                .containsExactly("podlb_word{name=\"b\"} 7.0");
    }
}
