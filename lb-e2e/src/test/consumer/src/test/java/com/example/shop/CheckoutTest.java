package com.example.shop;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.podlb.kit.LeakCheck;
import io.podlb.kit.PodlbTest;
import io.podlb.kit.ServiceAddress;
import io.podlb.kit.ServiceHandle;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first test of somebody who has just found the kit. The JDK's client keeps its connections, so leaks are no fault. */
@PodlbTest(manifests = "classpath:shop.yaml", leaks = LeakCheck.OFF)
class CheckoutTest {

    @Test
    void survivesACrash(@ServiceAddress("web") URI web, @ServiceAddress("web") ServiceHandle service) throws Exception {
        service.pod(0).crash();
        // A new client has no connection yet, so each request is a decision of its own.
        for (int i = 0; i < 10; i++) {
            HttpRequest request = HttpRequest.newBuilder(web)
                    .timeout(Duration.ofSeconds(30))
                    .build();
            assertEquals(
                    200,
                    HttpClient.newHttpClient()
                            .send(request, BodyHandlers.ofString())
                            .statusCode());
        }
        assertThat(service.receipts()).hasSize(10).neverConnectedTo(service.pod(0).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"org.junit.jupiter.api.Test", "org.assertj.core.api.Assertions"})
    void theKitBringsWhatTestsAreWrittenWith(String type) throws Exception {
        assertThat(Class.forName(type)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ch.qos.logback.classic.Logger",
                "org.awaitility.Awaitility",
                "com.tngtech.archunit.ArchConfiguration",
                "org.openjdk.jmh.Main"
            })
    void theKitBringsNothingThatItNeedsForItself(String type) {
        assertThatThrownBy(() -> Class.forName(type)).isInstanceOf(ClassNotFoundException.class);
    }
}
