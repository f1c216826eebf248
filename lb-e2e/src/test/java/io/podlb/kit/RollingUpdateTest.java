package io.podlb.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RollingUpdateTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "unavailable is rounded down and surge up, 25%, 25%, 3, 0, 1",
        "of ten Pods, 25%, 25%, 10, 2, 3",
        "numbers count as they are, 1, 2, 5, 1, 2",
        "nothing may be missing, 0, 1, 4, 0, 1",
        "no more than there are can be missing, 7, 0, 4, 4, 0",
        "rounding makes both nothing and one may be missing, 10%, 0, 3, 1, 0",
        "more than all in addition, 0, 150%, 3, 0, 5",
        "of no Pods, 25%, 25%, 0, 1, 0",
    })
    void limitsFollowTheDeploymentController(
            String rule, String maxUnavailable, String maxSurge, int pods, int unavailable, int surge) {
        assertThat(RollingUpdate.of(maxUnavailable, maxSurge, pods)).isEqualTo(new RollingUpdate(unavailable, surge));
    }

    @ParameterizedTest(name = "{0} and {1}")
    @CsvSource({"0, 0", "0%, 0", "101%, 1", "-1, 1", "1, many", "'', 1"})
    void limitsThatKubernetesRefusesAreRefused(String maxUnavailable, String maxSurge) {
        assertThatThrownBy(() -> RollingUpdate.of(maxUnavailable, maxSurge, 3))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected:");
    }

    @Test
    void aRolloutReplacesAllPodsUnderNamesOfANewTemplate() {
        try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
            ServiceHandle web = lab.service("web");
            List<String> before = names(web);
            web.rollingUpdate();
            assertThat(names(web)).hasSize(3).doesNotContainAnyElementsOf(before);
            assertThat(hashes(web)).hasSize(1).doesNotContainAnyElementsOf(hashes(before));
            assertThat(names(web)).contains(Clients.whoAnswers(web.address()));
            List<String> second = names(web);
            web.rollingUpdate(3, 0);
            assertThat(names(web))
                    .hasSize(3)
                    .doesNotContainAnyElementsOf(second)
                    .doesNotContainAnyElementsOf(before);
            web.scale(5);
            assertThat(hashes(web)).hasSize(1);
        }
    }

    @Test
    void aStatefulSetReplacesItsPodsUnderTheirNames() {
        try (Lab lab = Lab.builder().manifests("classpath:kit/shop.yaml").start()) {
            ServiceHandle dns = lab.service("dns");
            List<PodHandle> before = dns.pods();
            dns.rollingUpdate();
            assertThat(names(dns)).containsExactlyInAnyOrder("dns-0", "dns-1");
            assertThatThrownBy(before.get(0)::unready).hasMessageContaining("is gone");
            dns.scale(1);
            assertThat(names(dns)).containsExactly("dns-0");
            dns.scale(3);
            assertThat(names(dns)).containsExactlyInAnyOrder("dns-0", "dns-1", "dns-2");
        }
    }

    /** The service keeps answering; a connect that meets a Pod on its way out is tried elsewhere. */
    @Test
    void whoConnectsDuringARolloutIsAnsweredByOldOrNewPods() throws InterruptedException {
        try (Lab lab = Lab.builder()
                .service(KitService.named("web").port(80).targetPort(8080).pods(4))
                .start()) {
            ServiceHandle web = lab.service("web");
            List<String> before = names(web);
            Thread rollout = new Thread(() -> web.rollingUpdate(1, 0));
            rollout.start();
            do {
                assertThat(Stream.concat(before.stream(), names(web).stream()).toList())
                        .contains(Clients.whoAnswers(web.address()));
            } while (rollout.isAlive());
            rollout.join();
            assertThat(names(web)).hasSize(4).doesNotContainAnyElementsOf(before);
        }
    }

    private static List<String> names(ServiceHandle service) {
        return service.pods().stream().map(PodHandle::name).toList();
    }

    private static List<String> hashes(ServiceHandle service) {
        return hashes(names(service));
    }

    private static List<String> hashes(List<String> names) {
        return names.stream().map(name -> name.split("-")[1]).distinct().toList();
    }
}
