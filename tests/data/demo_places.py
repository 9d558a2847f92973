"""The real places of the demonstration: communes, stations, and their official codes."""

from typing import NamedTuple


class Town(NamedTuple):
    """A commune under 20,000 inhabitants and its SIREN."""

    insee: str
    name: str
    siren: str


class Place(NamedTuple):
    """A site as a sheet names it; a station's commune is not always in its name."""

    insee: str
    commune: str
    kind: str
    name: str
    uic: str = ""
    uai: str = ""


COMMUNES = tuple(
    Town(*line.strip().split(";"))
    for line in """
    59016;Armbouts-Cappel;215900168
    59042;Bachy;215900424
    59090;Bondues;215900903
    59129;Cappelle-en-Pévèle;215901299
    59170;Dechy;215901703
    59225;Feignies;215902255
    59265;Gommegnies;215902651
    59309;Hondschoote;215903097
    59340;Leffrinckoucke;215903402
    59385;Marpent;215903857
    59428;Neuville-Saint-Rémy;215904285
    59475;Prouvy;215904756
    59509;Roost-Warendin;215905092
    59558;Saulzoir;215905589
    59592;Thumeries;215905928
    59651;Wavrechain-sous-Denain;215906512
    62031;Andres;216200311
    62188;Burbure;216201889
    62309;Esquerdes;216203091
    62400;Haillicourt;216204008
    62491;Laventie;216204917
    62555;Marles-les-Mines;216205559
    62628;Noyelles-sous-Lens;216206284
    62735;Sailly-Labourse;216207357
    62771;Sallaumines;216207712
    62865;Vitry-en-Artois;216208652
    60041;Bailleul-sur-Thérain;216000406
    60119;Cambronne-lès-Ribécourt;216001198
    60172;Coye-la-Forêt;216001719
    60291;Guiscard;216002881
    60380;Mareuil-sur-Ourcq;216003772
    60482;Orry-la-Ville;216004762
    60570;Saint-Crépin-Ibouvillers;200049377
    60647;Trosly-Breuil;216006387
    80013;Airaines;218000115
    80186;Chaulnes;218001782
    80274;Eppeville;218002632
    80368;Friville-Escarbotin;218003531
    80489;Longueau;218004653
    80630;Poix-de-Picardie;218005957
    80688;Rue;218006484
    80793;Vignacourt;218007441
    02059;Beautor;210200580
    02141;La Capelle;210201281
    02243;Crouy;210202289
    02315;Flavy-le-Martel;210202966
    02361;Guise;210203428
    02575;Origny-Sainte-Benoite;210205522
    02719;Sinceny;210206926
    02805;Villeneuve-Saint-Germain;210207783
    """.strip().splitlines()
)

HUBS = {
    "arras": Place("62041", "Arras", "Pôle d'échanges", "Arras (pôle d'échanges)", "87342014"),
    "cassel": Place("59054", "Bavinchove", "halte ter", "Cassel", "87281139"),
    "maubeuge": Place("59392", "Maubeuge", "PÔLE D'ÉCHANGES", "Maubeuge", "87295006"),
    "jeumont": Place("59324", "Jeumont", "Pôle d'échanges", "Jeumont", "87295014"),
    "libercourt": Place("62907", "Libercourt", "GARE", "Libercourt", "87345256"),
    "crepy": Place("60176", "Crépy-en-Valois", "Gare", "Crépy-en-Valois", "87271593"),
    "ham": Place("80579", "Muille-Villette", "Gare", "Ham", "87313494"),
}

PHASE_3 = (
    Place("80001", "Abbeville", "Gare", "Abbeville", "87317362"),
    Place("80016", "Albert", "Gare", "Albert", "87313072"),
    Place("80561", "Montdidier", "Gare", "Montdidier", "87313346"),
    Place("62160", "Boulogne-sur-Mer", "Gare", "Boulogne-Tintelleries", "87317016"),
    Place("62160", "Boulogne-sur-Mer", "Gare", "Boulogne-Ville", "87317586"),
    Place("62186", "Bully-les-Mines", "Gare", "Bully-Grenay", "87342105"),
    Place("62274", "Dourges", "Gare", "Dourges", "87345165"),
    Place("62497", "Leforest", "Gare", "Leforest", "87345223"),
    Place("60471", "Noyon", "Gare", "Noyon", "87276782"),
    Place("60581", "Saint-Just-en-Chaussée", "Gare", "Saint-Just-en-Chaussée", "87313270"),
)
