"""What the codes of subjects (诊疗科目) mean, for people who choose a doctor.

Source: 医疗机构诊疗科目名录 (1994), with 27 of 2007 and 28 of 2009. A code with a point, such as 03.04, is a part of
the subject before the point.
"""

SUBJECT_NAMES = {
    "01": ("预防保健科", "Preventive care"),
    "02": ("全科医疗科", "General practice"),
    "03": ("内科", "Internal medicine"),
    "04": ("外科", "Surgery"),
    "05": ("妇产科", "Obstetrics and gynecology"),
    "06": ("妇女保健科", "Women's health care"),
    "07": ("儿科", "Pediatrics"),
    "08": ("小儿外科", "Pediatric surgery"),
    "09": ("儿童保健科", "Children's health care"),
    "10": ("眼科", "Ophthalmology"),
    "11": ("耳鼻咽喉科", "Otorhinolaryngology"),
    "12": ("口腔科", "Stomatology"),
    "13": ("皮肤科", "Dermatology"),
    "14": ("医疗美容科", "Medical cosmetology"),
    "15": ("精神科", "Psychiatry"),
    "16": ("传染科", "Infectious diseases"),
    "17": ("结核病科", "Tuberculosis"),
    "18": ("地方病科", "Endemic diseases"),
    "19": ("肿瘤科", "Oncology"),
    "20": ("急诊医学科", "Emergency medicine"),
    "21": ("康复医学科", "Rehabilitation"),
    "22": ("运动医学科", "Sports medicine"),
    "23": ("职业病科", "Occupational diseases"),
    "24": ("临终关怀科", "Hospice care"),
    "25": ("特种医学与军事医学科", "Special and military medicine"),
    "26": ("麻醉科", "Anesthesiology"),
    "27": ("疼痛科", "Pain medicine"),
    "28": ("重症医学科", "Critical care"),
    "30": ("医学检验科", "Laboratory medicine"),
    "31": ("病理科", "Pathology"),
    "32": ("医学影像科", "Medical imaging"),
    "50": ("中医科", "Traditional Chinese medicine"),
    "51": ("民族医学科", "Ethnic medicine"),
    "52": ("中西医结合科", "Integrated Chinese and Western medicine"),
}
"""By code: the name in Chinese and in English."""


def subject_names(code: str) -> tuple[str, str] | tuple[None, None]:
    """The names of the subject with that code, in Chinese and in English; None where the list has no such code."""
    return SUBJECT_NAMES.get(code.partition(".")[0], (None, None))
