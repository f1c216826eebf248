package io.podlb.control.translate;

import static io.podlb.control.translate.Given.only;
import static io.podlb.control.translate.Given.service;
import static io.podlb.control.translate.Given.slice;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.podlb.control.cluster.Problem;
import io.podlb.control.cluster.Sourced;
import io.podlb.server.service.FaultSet;
import io.podlb.server.service.SocketAddressSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Faults that a Service or a Pod asks for: done where they are allowed, told of where they are not or make no sense. */
class FaultAnnotationsTest {

    private static final String SERVICE =
            "web.yaml, document 1: Service default/web: metadata.annotations[podlb.io/fault]: ";

    @Test
    void whatAServiceAsksForReachesTheDataPlane() {
        ServicePlan plan = plan("latency=1s; to=client\nrefuse; connections=3", null, FaultPermission.GIVEN);
        assertThat(plan.problems()).isEmpty();
        var spec = ServicePortSpecs.of(only(plan), frontend -> List.<SocketAddressSpec>of());
        assertThat(spec.faults()).isEqualTo(FaultSet.parse("latency=1s; to=client | refuse; connections=3"));
    }

    @Test
    void whatAPodAsksForIsForItsEndpointAlone() {
        ServicePlan plan = plan("latency=1s", "reset; for=30s", FaultPermission.GIVEN);
        assertThat(plan.problems()).isEmpty();
        assertThat(only(plan).faults()).isEqualTo(FaultSet.parse("latency=1s | reset; pod=web-1; for=30s"));
    }

    @Test
    void aRuleForAnotherPortIsLeftOut() {
        assertThat(only(plan("refuse; port=other | reset; port=", null, FaultPermission.GIVEN))
                        .faults())
                .isEqualTo(FaultSet.parse("reset; port="));
    }

    @ParameterizedTest
    @EnumSource(names = "GIVEN", mode = EnumSource.Mode.EXCLUDE)
    void whatIsNotAllowedIsIgnoredAndTold(FaultPermission permission) {
        ServicePlan plan = plan("refuse", null, permission);
        assertThat(only(plan).faults()).isEqualTo(FaultSet.NONE);
        assertThat(plan.problems())
                .extracting(Problem::toString)
                .containsExactly(SERVICE
                        + (permission == FaultPermission.NOT_GIVEN
                                ? "is ignored; start with --allow-faults if it is meant"
                                : "is ignored: lb node does no faults; remove it; lb run --allow-faults does them"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '>', textBlock = """
            GIVEN     > latncy=1s > makes no sense, no fault is done; "latncy" is unknown (expected: a fault, one of bandwidth, blackhole,
            NOT_GIVEN > latncy=1s > makes no sense, no fault is done; "latncy" is unknown (expected: a fault, one of bandwidth, blackhole,
            GIVEN     > refuse | cut=x > makes no sense, no fault is done; rule 2: cut: "x" (expected: a number of bytes
            NOT_GIVEN > refuse | cut=x > makes no sense, no fault is done; rule 2: cut: "x" (expected: a number of bytes
            GIVEN     > refuse; service=a/b > "refuse; service=a/b" names what it stands on, no fault is done; leave out service=
            NOT_GIVEN > refuse; service=a/b > "refuse; service=a/b" names what it stands on, no fault is done; leave out service=
            GIVEN     > loss=10% > "loss=10%" does nothing, since no port has a protocol that loss is for; choose another fault;
            NOT_GIVEN > loss=10% > is ignored; start with --allow-faults if it is meant
            """)
    void whatMakesNoSenseIsOneWarning(FaultPermission permission, String value, String said) {
        ServicePlan plan = plan(value, null, permission);
        assertThat(plan.problems()).singleElement().asString().startsWith(SERVICE + said);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsDoneThatMakesNoSense(FaultPermission permission) {
        for (String value : List.of("latncy=1s", "refuse | cut=x", "refuse; service=a/b", "loss=10%")) {
            assertThat(only(plan(value, null, permission)).faults()).as(value).isEqualTo(FaultSet.NONE);
        }
    }

    @ParameterizedTest
    @CsvSource({"refuse; pod=web-2,pod", "refuse; endpoint=10.0.0.1,endpoint", "refuse; service=a/b,service"})
    void aPodNamesNoPod(String value, String condition) {
        ServicePlan plan = plan(null, value, FaultPermission.GIVEN);
        assertThat(only(plan).faults()).isEqualTo(FaultSet.NONE);
        assertThat(plan.problems())
                .singleElement()
                .asString()
                .startsWith("web.yaml, document 1: Pod default/web-1: metadata.annotations[podlb.io/fault]: \"" + value)
                .endsWith("leave out " + condition + "=");
    }

    private static ServicePlan plan(String ofService, String ofPod, FaultPermission permission) {
        var service = service(builder -> ofService == null
                ? builder
                : builder.editMetadata()
                        .addToAnnotations("podlb.io/fault", ofService)
                        .endMetadata());
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withNamespace("default")
                .withName("web-1")
                .addToAnnotations(ofPod == null ? Map.of() : Map.of("podlb.io/fault", ofPod))
                .endMetadata()
                .build();
        Map<String, Sourced<Pod>> pods = Map.of("web-1", Given.sourced(pod));
        return new ServiceTranslator(Given.NODE, Given.OPTIONS.withFaults(permission))
                .plan(
                        service,
                        new ServiceEndpoints(
                                List.of(slice("s", "1 ready pod:web-1", "2 ready pod:web-2")), pods, List.of()));
    }
}
