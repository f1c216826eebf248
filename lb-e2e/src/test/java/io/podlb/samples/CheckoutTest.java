package io.podlb.samples;

import static io.podlb.kit.PodlbAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.podlb.kit.LeakCheck;
import io.podlb.kit.PodlbTest;
import io.podlb.kit.ServiceAddress;
import io.podlb.kit.ServiceHandle;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

// README
@PodlbTest(manifests = "classpath:my-webapp.yaml", leaks = LeakCheck.OFF) // the JDK's client keeps its connections
class CheckoutTest {

    @Test
    void survivesACrash(@ServiceAddress("my-webapp-clusterip") ServiceHandle web) throws Exception {
        web.pod(0).crash();

        HttpRequest request = HttpRequest.newBuilder(web.uri()).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(web).hasSize(1).neverConnectedTo(web.pod(0).name());
    }
}
// README
