package io.podlb.control;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Keeps the map of README: each package uses those below it, never one above. */
@AnalyzeClasses(packages = "io.podlb.control", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

    @ArchTest
    static final ArchRule nobodyUsesTheCommandLine = noClasses()
            .that()
            .resideInAPackage("io.podlb.control.*..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.podlb.control");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.podlb.control.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theVocabularyStandsAtTheBottom = noClasses()
            .that()
            .resideInAPackage("io.podlb.control.cluster")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.podlb.control..")
                    .and(JavaClass.Predicates.resideOutsideOfPackage("io.podlb.control.cluster")));

    @ArchTest
    static final ArchRule translationAndAllocationAreNoInputOrOutput = noClasses()
            .that()
            .resideInAnyPackage("io.podlb.control.translate", "io.podlb.control.allocate")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..", "java.nio.file..", "java.time.Clock", "java.util.concurrent..");

    @ArchTest
    static final ArchRule healthAsksNeitherTheApiServerNorTheAdminEndpoint = noClasses()
            .that()
            .resideInAPackage("io.podlb.control.health")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.podlb.control..")
                    .and(JavaClass.Predicates.resideOutsideOfPackages(
                            "io.podlb.control.health", "io.podlb.control.translate", "io.podlb.control.cluster")));

    @ArchTest
    static final ArchRule reportsKnowTheVocabularyAlone = noClasses()
            .that()
            .resideInAPackage("io.podlb.control.report")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.podlb.control..")
                    .and(JavaClass.Predicates.resideOutsideOfPackages(
                            "io.podlb.control.report", "io.podlb.control.cluster")));

    @ArchTest
    static final ArchRule theAccessLogKnowsTheDataPlaneAlone = noClasses()
            .that()
            .resideInAPackage("io.podlb.control.access")
            .should()
            .dependOnClassesThat(JavaClass.Predicates.resideInAPackage("io.podlb.control..")
                    .and(JavaClass.Predicates.resideOutsideOfPackage("io.podlb.control.access")));

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Math.class, "random");
}
